"""Two tables of rising keys as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Packed = NDArray[np.uint64]
Places = NDArray[np.uint32]
_union = function("merging_union", np.uint64, int, np.uint64, int, int, np.uint64, np.uint32, np.uint32)


def union(left: Packed, right: Packed) -> tuple[Packed, Places, Places]:
    """The distinct keys of both sides, and where the rows of each are among them.

    Keys are rows × words, the first word the most significant; those of each side are distinct and rise. There are less
    than 2³² in all.
    """
    if left.ndim != 2 or left.shape[1] != right.shape[1]:
        raise ValueError("expected keys of one width")
    words = left.shape[1]
    merged = np.empty((len(left) + len(right), words), np.uint64)
    places = np.empty(len(left), np.uint32), np.empty(len(right), np.uint32)
    both = np.ascontiguousarray(left), np.ascontiguousarray(right)
    count = _union(both[0], len(left), both[1], len(right), words, merged, *places)
    merged.resize((count, words), refcheck=False)  # gives back the room that was not needed
    return merged, *places
