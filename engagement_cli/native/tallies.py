"""What customers' rows of some kinds amount to in a window: sums, the highest grade, how many different things."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
Interval = tuple[int, int]  # `[begins, ends)` in ticks
_first = function("tallies_first", np.uint32, int, int, np.int64)
_ROWS = (np.int64, np.uint32, np.int64, int, int, int)
_sums = function("tallies_sums", *_ROWS, np.int64, np.int64)
_highest = function("tallies_highest", *_ROWS, np.int64, np.int64)
_distinct = function("tallies_distinct", *_ROWS, np.int64, int, int, int, np.int64)
_numbers = function("tallies_numbers", np.int64, np.int64, np.int64, int, int, int, int, np.int64, np.int64)


class Histories(Record):
    """Times and kinds of rows by customer and time: those of customer c are `first[c]` to `first[c + 1]`.

    All kinds are below `kinds`.
    """

    time: Int64s
    kind: NDArray[np.uint32]
    first: Int64s
    kinds: int

    @property
    def customers(self) -> int:
        """How many customers there are, also those without rows."""
        return len(self.first) - 1


def histories(customer: NDArray[np.uint32], time: Int64s, kind: NDArray[np.uint32], customers: int) -> Histories:
    """Rows sorted by (customer, time). Raises IndexError for a customer who is not among so many."""
    if len(customer) and int(customer[-1]) >= customers:
        raise IndexError(f"a customer is not among {customers}")
    first = np.empty(customers + 1, np.int64)
    _first(np.ascontiguousarray(customer), len(customer), customers, first)
    return Histories(np.ascontiguousarray(time), np.ascontiguousarray(kind), first, int(kind.max(initial=0)) + 1)


def sums(of: Histories, amounts: Int64s, window: Interval) -> Int64s:
    """Each customer's sum of the amounts of kinds. Raises IndexError for a kind without one, as all of these do."""
    found = np.empty(of.customers, np.int64)
    _sums(*_rows(of, amounts, window), np.ascontiguousarray(amounts), found)
    return found


def highest(of: Histories, grades: Int64s, window: Interval) -> Int64s:
    """The highest of the grades of kinds, which are not below 0; 0 of who has no rows."""
    found = np.empty(of.customers, np.int64)
    _highest(*_rows(of, grades, window), np.ascontiguousarray(grades), found)
    return found


def distinct(of: Histories, numbers: Int64s, window: Interval) -> Int64s:
    """How many different things each customer has: rows of kind k have those of `numbers[:, k]`, 0 being none."""
    found = np.empty(of.customers, np.int64)
    rows = _rows(of, numbers[0], window)
    _distinct(*rows, np.ascontiguousarray(numbers), *numbers.shape, int(numbers.max(initial=0)), found)
    return found


def numbers_in(of: Histories, column: Int64s, missing: int, window: Interval) -> tuple[Int64s, Int64s]:
    """Each customer's sum of a column of these rows, and how many numbers it holds besides `missing`."""
    if len(column) != len(of.time):
        raise ValueError("expected columns of one length")
    found = np.empty((2, of.customers), np.int64)
    _numbers(of.time, np.ascontiguousarray(column), of.first, of.customers, *window, missing, *found)
    return found[0], found[1]


def _rows(of: Histories, by_kind: Int64s, window: Interval) -> tuple[Int64s, NDArray[np.uint32], Int64s, int, int, int]:
    if len(by_kind) < of.kinds:
        raise IndexError(f"a kind is not among {len(by_kind)}")
    return of.time, of.kind, of.first, of.customers, *window


def numbered(things: NDArray[np.bool_]) -> Int64s:
    """The numbers, from 1, of the things whose kinds are flagged (things, kinds), as `distinct` takes them."""
    many = things.sum(axis=0)
    numbers = np.zeros((max(int(many.max(initial=0)), 1), things.shape[1]), np.int64)
    kind, thing = np.nonzero(things.T)
    layer = np.arange(len(kind)) - np.repeat(np.cumsum(many) - many, many)
    numbers[layer, kind] = thing + 1
    return numbers
