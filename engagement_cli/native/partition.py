"""Rows spread over buckets: counted, listed bucket by bucket, then each column is gathered once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Column = NDArray[np.generic]
_buckets = function("partition_buckets", np.uint64, np.uint64, int, int, int, np.uint16)
_order = function("partition_order", np.uint16, np.uint8, int, np.int64, int, np.uint32)
_mark = function("partition_mark", np.uint64, np.uint64, int, np.uint8)
_marked = function("partition_marked", np.uint32, np.int64, int, np.uint8, np.uint32)
_take = {
    8: function("partition_take8", np.uint64, np.uint32, np.int64, int, np.int64, np.uint64),
    4: function("partition_take4", np.uint32, np.uint32, np.int64, int, np.int64, np.uint32),
}


class Partition(Record):
    """Positions of rows (uint32), those of one bucket behind those of another; bucket b's are before `ends[b]`."""

    order: NDArray[np.uint32]
    ends: NDArray[np.int64]

    def marked(self, marks: NDArray[np.uint8]) -> Partition:
        """Those of the rows whose mark is not 0; there is a mark for every row, listed or not."""
        fewer, ends = np.empty(len(self.order) + 1, np.uint32), self.ends.copy()
        count = _marked(self.order, ends, len(ends), marks, fewer)
        return Partition(fewer[:count], ends)


def gathered(parts: Sequence[Partition], columns: Sequence[Sequence[Column]]) -> tuple[NDArray[np.int64], list[Column]]:
    """The rows of several parts of a whole together, bucket by bucket: where each bucket ends, and the columns.

    Of each column there is an array a part, with 4 or 8 bytes a value. There is at least one part.
    """
    counts = np.array([np.diff(part.ends, prepend=0) for part in parts])
    ends = np.cumsum(counts.sum(axis=0))
    places = np.concatenate([[0], ends[:-1]]) + np.cumsum(counts, axis=0) - counts
    return ends, [_together(parts, column, places) for column in columns]


def _together(parts: Sequence[Partition], column: Sequence[Column], places: NDArray[np.int64]) -> Column:
    taken = np.empty(sum(len(part.order) for part in parts), column[0].dtype)
    word = np.uint64 if taken.itemsize == 8 else np.uint32
    for part, values, place in zip(parts, column, places, strict=True):
        whole = np.ascontiguousarray(values).view(word)
        _take[taken.itemsize](whole, part.order, part.ends, len(part.ends), place, taken.view(word))
    return taken


def buckets_of(
    customer: NDArray[np.uint64], buckets: int, instead: NDArray[np.generic], factor: int
) -> NDArray[np.uint16]:
    """The bucket of each row's customer hash; where that is 0, that of `instead` (8 bytes a value) times `factor`.

    `buckets` is at most 65,536, `factor` an int64.
    """
    found = np.empty(len(customer), np.uint16)
    _buckets(customer, np.ascontiguousarray(instead).view(np.uint64), factor, len(customer), buckets, found)
    return found


def partition(bucket: NDArray[np.uint16], fate: NDArray[np.uint8], buckets: int) -> Partition:
    """The rows whose fate is 0, by bucket, those of a bucket in their order. There are less than 2³² rows."""
    ends, order = np.zeros(buckets, np.int64), np.empty(len(bucket), np.uint32)
    count = _order(bucket, fate, len(bucket), ends, buckets, order)
    return Partition(order[:count], ends)


def other_than(columns: Sequence[tuple[NDArray[np.generic], NDArray[np.generic]]], rows: int) -> NDArray[np.uint8]:
    """1 for each row where any of the columns (8 bytes a value) is none of the three values beside it, else 0."""
    marks = np.zeros(rows, np.uint8)
    for column, nothing in columns:
        _mark(np.ascontiguousarray(column).view(np.uint64), nothing.view(np.uint64), rows, marks)
    return marks
