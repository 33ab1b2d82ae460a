"""Rows grouped by a few small integer keys, and sums, minima and maxima of each group: exact, without a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.runs import lengths, starts

_EXACT = 2.0**53  # whole numbers below it are exact as float64, and so are their sums below it
_FITS = 2.0**62
_ROOM = 1 << 14
_LARGEST = 2**62


@dataclass(frozen=True)
class Groups:
    """Groups in the order of their keys. `keys` has one entry a group in every array."""

    keys: tuple[Int64s, ...]
    counts: Int64s
    _cell: Int64s  # of each row
    _found: Int64s  # the cells that hold rows
    _cells: int  # 0: too many to count; rows are sorted instead

    @cached_property
    def _order(self) -> Int64s:
        return np.argsort(self._cell, kind="stable")

    @cached_property
    def _starts(self) -> Int64s:
        return np.cumsum(self.counts) - self.counts

    def sum(self, values: Integers) -> Int64s | None:
        """Each group's sum; None where 64 bits might not hold one."""
        if not len(values):
            return np.zeros(0, np.int64)
        size = float(np.abs(values.astype(np.float64)).sum())
        if self._cells and size < _EXACT:
            return np.bincount(self._cell, values, self._cells)[self._found].astype(np.int64)
        if size >= _FITS:
            return None
        return np.add.reduceat(values[self._order].astype(np.int64), self._starts)

    def minimum(self, values: Integers) -> Int64s:
        """Each group's least value."""
        return self._extreme(np.minimum, values)

    def maximum(self, values: Integers) -> Int64s:
        """Each group's greatest value."""
        return self._extreme(np.maximum, values)

    def _extreme(self, which: np.ufunc, values: Integers) -> Int64s:
        if not len(values):
            return np.zeros(0, np.int64)
        return np.asarray(which.reduceat(values[self._order].astype(np.int64), self._starts))


def grouped(keys: Sequence[Integers], rows: int) -> Groups | None:
    """The groups of rows by integer keys, none: all rows are one group. None where the keys do not fit one number."""
    if rows == 0:
        nothing = np.zeros(0, np.int64)
        return Groups(tuple(nothing for _ in keys), nothing, nothing, nothing, 0)
    cell, cells = np.zeros(rows, np.int64), 1
    lows: list[int] = []
    spans: list[int] = []
    for key in keys:
        low, high = int(key.min()), int(key.max())
        lows.append(low)
        spans.append(high - low + 1)
        cells *= spans[-1]
        if cells > _LARGEST:
            return None
        offset = key.astype(np.int64)
        offset -= low
        cell *= spans[-1]
        cell += offset
    if cells <= _ROOM + 4 * rows:
        counts = np.bincount(cell, minlength=cells)
        found = np.flatnonzero(counts)
        return Groups(_apart(found, lows, spans), counts[found], cell, found, cells)
    ordered = np.sort(cell)  # many times faster than the order of the rows, which only sums need
    at = starts(ordered)
    found = ordered[at]
    return Groups(_apart(found, lows, spans), lengths(at, rows), cell, found, 0)


def _apart(cells: Int64s, lows: list[int], spans: list[int]) -> tuple[Int64s, ...]:
    """The keys of cells."""
    found: list[Int64s] = []
    for low, span in zip(reversed(lows), reversed(spans), strict=True):
        cells, rest = np.divmod(cells, span)
        found.append(rest + low)
    return tuple(reversed(found))
