"""Sums of x and y, of their squares and of their product, over customers: exact, in 128 bits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import Argument, function
from engagement_cli.records import Record

NOBODY = 2**32 - 1  # the code of whoever is no customer
_SUMS = 5
_UNSORTED, _TOO_LARGE = -1, -2
_SIDE = (np.uint32, np.int32, np.int64, np.int64, int, int)
_moments = function("moments", *_SIDE, *_SIDE, *[int] * 5, np.uint64, np.int64)
_LARGEST = 2**63 - 1
_MOST_CELLS = 2**32 - 1
_NOTHING = np.zeros(0, np.int64)


class Side(Record):
    """What rows add, one value a row: whose (`NOBODY`: the row stands for itself), when, in which group, how much.

    Without `group` all are of group 0, without `amount` each row adds one.
    """

    customer: NDArray[np.uint32]
    period: NDArray[np.int32]
    group: NDArray[np.int64] | None = None
    amount: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.period)

    def sorted(self) -> Side:
        """The rows in the order of customer, period and group; the very same ones where they lie so."""
        if self._is_sorted():
            return self
        keys = (self.period, self.customer) if self.group is None else (self.group, self.period, self.customer)
        order = np.lexsort(keys)
        group, amount = (None if column is None else column[order] for column in (self.group, self.amount))
        return Side(self.customer[order], self.period[order], group, amount)

    def _is_sorted(self) -> bool:
        rises = np.ones(max(len(self) - 1, 0), np.bool_)
        for key in (self.group, self.period, self.customer):
            if key is not None:
                rises = (key[1:] > key[:-1]) | ((key[1:] == key[:-1]) & rises)
        return bool(rises.all())


class Grid(Record):
    """The cells there are: `groups`, each of `periods` from the period `first` on."""

    groups: int
    first: int
    periods: int

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self.groups * self.periods


class Moments(Record):
    """Cells that occur (group × periods + period − first, rising), and what stands in each.

    `low` and `high` (5 × cells) are the words of Σx, Σy, Σx², Σy² and Σxy; `customers` are those with any y.
    """

    cells: NDArray[np.int64]
    low: NDArray[np.uint64]
    high: NDArray[np.int64]
    customers: NDArray[np.int64]


def moments(x: Side, y: Side, grid: Grid, cap: int | None = None, *, paired: bool = False) -> Moments | None:
    """Moments of what customers add up to in cells, which hold all rows; None where one's sum does not fit 64 bits.

    A customer's x counts at most `cap` in a cell. Sides are `paired` when they are two amounts of the same rows.
    """
    if (x.group is None) != (y.group is None):
        raise ValueError("expected groups on both sides or on none")
    if grid.cells > _MOST_CELLS:
        return None
    groups = 1 if x.group is None else grid.groups
    for sides in _orders(x, y):
        sums = np.zeros((grid.periods * groups, _SUMS, 2), np.uint64)
        counts = np.zeros((grid.periods * groups, 2), np.int64)
        capped = (0, 0) if cap is None else (1, min(cap, _LARGEST))
        done = _moments(*sides, int(paired), grid.first, groups, *capped, sums, counts)
        if done == _TOO_LARGE:
            return None
        if done != _UNSORTED:
            break
    else:
        raise AssertionError("rows that were sorted are not in order")
    cells = found = counts[:, 1].nonzero()[0]
    if groups > 1:
        period, group = np.divmod(found, groups)
        cells = group * grid.periods + period
        order = np.argsort(cells)
        cells, found = cells[order], found[order]
    words = sums[found].transpose(2, 1, 0).copy()
    return Moments(cells, words[0], words[1].view(np.int64), counts[found, 0])


def _orders(x: Side, y: Side) -> Iterator[list[Argument]]:
    """The sides as they are, then sorted."""
    yield [*_passed(x), *_passed(y)]
    yield [*_passed(x.sorted()), *_passed(y.sorted())]


def _passed(side: Side) -> tuple[Argument, ...]:
    if any(column is not None and len(column) != len(side) for column in (side.customer, side.group, side.amount)):
        raise ValueError("expected columns of one length")
    group = _NOTHING if side.group is None else np.ascontiguousarray(side.group)
    amount = _NOTHING if side.amount is None else np.ascontiguousarray(side.amount)
    customer, period = np.ascontiguousarray(side.customer), np.ascontiguousarray(side.period)
    return customer, period, group, amount, int(side.amount is not None), len(side)
