"""Two tables of rising keys as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Packed = NDArray[np.uint64]
Places = NDArray[np.uint32]
Int64s = NDArray[np.int64]
_union = function("merging_union", np.uint64, int, np.uint64, int, int, np.uint64, np.uint32, np.uint32)
_counts = function("merging_counts", *(np.int64, np.int64, int) * 2, np.int64, np.int64)


def counted_union(left: tuple[Int64s, Int64s], right: tuple[Int64s, Int64s]) -> tuple[Int64s, Int64s]:
    """The distinct numbers of both sides, which are distinct and rise in each, and their counts, which are added up."""
    sides = [[np.ascontiguousarray(column) for column in side] for side in (left, right)]
    if any(len(numbers) != len(counts) for numbers, counts in sides):
        raise ValueError("expected a count a number")
    merged, counts = (np.empty(len(sides[0][0]) + len(sides[1][0]), np.int64) for _ in range(2))
    found = _counts(*sides[0], len(sides[0][0]), *sides[1], len(sides[1][0]), merged, counts)
    return merged[:found].copy(), counts[:found].copy()


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
