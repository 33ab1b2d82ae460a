"""Rows grouped by packed keys, and sums, minima and maxima of each group: exact, without a query."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s, Whole
from engagement_cli.kernels.layout import Layout, Packed
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.native.cells import sums_by_cell
from engagement_cli.native.order import order_of
from engagement_cli.records import Record

_FITS = 2.0**62
_ROOM = 1 << 12


class Groups(Record):
    """Groups in the order of their keys, which `keys` has once each."""

    keys: Packed
    counts: Int64s
    _rows: Packed
    _cells: int  # 0: too many to count; rows are sorted instead

    @cached_property
    def _order(self) -> NDArray[np.uint32]:
        return order_of_packed(self._rows)

    @cached_property
    def _starts(self) -> Int64s:
        return np.cumsum(self.counts) - self.counts

    def sum(self, values: Whole) -> Whole:
        """Each group's sum."""
        if not len(values):
            return np.zeros(0, np.int64)
        if values.dtype != object:
            values = np.ascontiguousarray(values, np.int64)
            if self._cells:
                sums = sums_by_cell(self._rows[:, 0].view(np.int64), values, self._cells)
                if sums is not None:
                    return sums[self.keys[:, 0].view(np.int64)]
            if float(np.abs(values.astype(np.float64)).sum()) >= _FITS:
                values = values.astype(object)
        return self._reduced(np.add, values)

    def minimum(self, values: Whole) -> Whole:
        """Each group's least value."""
        return self._reduced(np.minimum, values)

    def maximum(self, values: Whole) -> Whole:
        """Each group's greatest value."""
        return self._reduced(np.maximum, values)

    def _reduced(self, how: np.ufunc, values: Whole) -> Whole:
        if not len(values):
            return np.zeros(0, np.int64)
        found: NDArray[Any] = how.reduceat(values[self._order], self._starts)
        return found


def grouped(rows: Packed, layout: Layout) -> Groups:
    """The groups of rows by their keys, which are packed in this layout."""
    if not len(rows):
        return Groups(rows, np.zeros(0, np.int64), rows, 0)
    one = layout.words == 1
    if one and layout.room <= _ROOM + 4 * len(rows):
        counts = np.bincount(rows[:, 0].view(np.int64), minlength=layout.room)
        found = counts.nonzero()[0]
        return Groups(found.view(np.uint64)[:, None], counts[found], rows, layout.room)
    # Numbers are sorted many times faster than the order of the rows is found, which only sums need.
    ordered = np.sort(rows, axis=0) if one else rows[order_of_packed(rows)]
    at = starts(*ordered.T)
    return Groups(ordered[at], lengths(at, len(rows)), rows, 0)


def order_of_packed(rows: Packed) -> NDArray[np.uint32]:
    """The order of rows by their words, of which the last is the least."""
    order = order_of(rows[:, -1])
    for word in range(rows.shape[1] - 2, -1, -1):
        order = order[order_of(rows[order, word])]
    return order
