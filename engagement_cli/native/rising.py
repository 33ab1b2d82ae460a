"""Hashes in rising order: merged, and found side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Hashes = NDArray[np.uint64]
_union = function("rising_union", np.uint64, int, np.uint64, int, np.uint64)
_places = function("rising_places", np.uint64, int, np.uint64, int, np.int64)


def union(left: Hashes, right: Hashes) -> Hashes:
    """The distinct hashes of both sides, each in rising order, which may come several times."""
    merged = np.empty(len(left) + len(right), np.uint64)
    count = _union(np.ascontiguousarray(left), len(left), np.ascontiguousarray(right), len(right), merged)
    return merged[:count]


def places(known: Hashes, asked: Hashes) -> NDArray[np.int64]:
    """Where each hash stands among the distinct known ones, −1 where it does not; both in rising order."""
    found = np.empty(len(asked), np.int64)
    _places(np.ascontiguousarray(known), len(known), np.ascontiguousarray(asked), len(asked), found)
    return found
