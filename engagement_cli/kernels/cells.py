"""Rows grouped by a few small integer keys, and sums, minima and maxima of each group: exact, without a query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.runs import lengths, run_of_row, starts
from engagement_cli.native.cells import sums_by_cell
from engagement_cli.native.order import order_of
from engagement_cli.records import Record

_FITS = 2.0**62
_ROOM = 1 << 14
_LARGEST = 2**62
_NOTHING = np.zeros(0, np.int64)


class Groups(Record):
    """Groups in the order of their keys. `keys` has one entry a group in every array."""

    keys: tuple[Integers, ...]
    counts: Int64s
    _cell: Int64s  # of each row
    _found: Int64s  # the cells that hold rows
    _cells: int  # 0: too many to count; rows are sorted instead

    @cached_property
    def _order(self) -> NDArray[np.uint32]:
        return order_of(self._cell)

    @cached_property
    def _starts(self) -> Int64s:
        return np.cumsum(self.counts) - self.counts

    def sum(self, values: Integers) -> Int64s | None:
        """Each group's sum; None where 64 bits might not hold one."""
        if not len(values):
            return np.zeros(0, np.int64)
        whole = np.ascontiguousarray(values, np.int64)
        if self._cells:
            sums = sums_by_cell(self._cell, whole, self._cells)
            return None if sums is None else sums[self._found]
        if float(np.abs(whole.astype(np.float64)).sum()) >= _FITS:
            return None
        return np.add.reduceat(whole[self._order], self._starts)

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


def grouped(keys: Sequence[Integers], rows: int) -> Groups:
    """The groups of rows by integer keys, none: all rows are one group."""
    if rows == 0:
        return Groups(tuple(key[:0] for key in keys), _NOTHING, _NOTHING, _NOTHING, 0)
    number = _Number(rows)
    for key in keys:
        number.append(key)
    cell, cells = number.cell, number.cells
    if cells <= _ROOM + 4 * rows:
        counts = np.bincount(cell, minlength=cells)
        found = np.flatnonzero(counts)
        return Groups(number.apart(found), counts[found], cell, found, cells)
    ordered = np.sort(cell)  # many times faster than the order of the rows, which only sums need
    at = starts(ordered)
    found = ordered[at]
    return Groups(number.apart(found), lengths(at, rows), cell, found, 0)


class _Digit(Record):
    """A key as numbers from 0 to `span` − 1, from `low` on or by their place among `values`."""

    span: int
    low: int = 0
    values: Integers | None = None

    def keys(self, numbers: Integers) -> Integers:
        """The keys that numbers stand for."""
        return numbers + self.low if self.values is None else self.values[numbers]


class _Number:
    """Keys as the digits of one number a row, which rises with the keys and is less than `cells`."""

    def __init__(self, rows: int) -> None:
        self.cell, self.cells = np.zeros(rows, np.int64), 1
        self._digits: list[_Digit] = []
        self._short: dict[int, Integers] = {}  # by the digits before: the numbers that were numbered anew

    def append(self, key: Integers) -> None:
        """Add the least digit."""
        digit, places = _digit(key)
        if self.cells * digit.span > _LARGEST:
            distinct, self.cell = _ranks(self.cell)
            self.cells = len(distinct)
            self._short[len(self._digits)] = distinct
            if self.cells * digit.span > _LARGEST:
                digit, places = _ranked(key)
        if digit.span > 1:
            self.cell = places if self.cells == 1 else self.cell * digit.span + places
            self.cells *= digit.span
        self._digits.append(digit)

    def apart(self, found: Int64s) -> tuple[Integers, ...]:
        """The keys of numbers."""
        keys: list[Integers] = []
        numbers: Integers = found
        for place, digit in reversed([*enumerate(self._digits)]):
            numbers, rest = np.divmod(numbers, digit.span) if digit.span > 1 else (numbers, np.zeros_like(numbers))
            keys.append(digit.keys(rest))
            numbers = self._short[place][numbers] if place in self._short else numbers
        return tuple(reversed(keys))


def _digit(key: Integers) -> tuple[_Digit, Int64s]:
    if key.strides == (0,):  # one value for all rows
        return _Digit(1, int(key[0])), _NOTHING
    low, high = int(key.min()), int(key.max())
    if high - low >= _LARGEST or high > _LARGEST:
        return _ranked(key)
    if low == high:
        return _Digit(1, low), _NOTHING
    return _Digit(high - low + 1, low), np.subtract(key, low, dtype=np.int64, casting="unsafe")


def _ranked(key: Integers) -> tuple[_Digit, Int64s]:
    """Keys that are far apart, such as hashes, by their rank."""
    distinct, rank = _ranks(key)
    return _Digit(len(distinct), values=distinct), rank


def _ranks(key: Integers) -> tuple[Integers, Int64s]:
    """The distinct keys in order, and which of them each is."""
    order = order_of(key)
    ordered = key[order]
    at, rank = starts(ordered), np.empty(len(key), np.int64)
    rank[order] = run_of_row(at, len(key))
    return ordered[at], rank
