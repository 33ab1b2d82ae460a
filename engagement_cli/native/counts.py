"""How many rows of each kind customers have in periods, and what such counts add up to."""

from __future__ import annotations

from functools import cached_property
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
Column = NDArray[np.uint32]
SUMS = 7  # of x, y, x², y² and x·y, of customers with any y, of those with any row
MOST_ROWS = isqrt(2**63 - 1)  # whose squares 64 bits hold
_NO_GROUPS = np.zeros(0, np.int64)
_of_rows = function(
    "counts_of_rows",
    *(np.uint32, np.int32, np.uint32, int, int),
    *(np.int64, np.uint32, np.int32, np.uint64),
)
_of_kinds = function("counts_of_kinds", np.int64, np.int64, np.bool_, int, np.uint64, np.uint32)
_moments = function("counts_moments", np.int32, np.int64, int, np.uint32, np.uint32, int, int, int, int, int, np.int64)


class Counts(Record):
    """The distinct pairs of customer and period, sorted, and how many rows of each kind they have.

    Those of a kind are `entries[begins[kind]:ends[kind]]`: a pair's number in the upper half of each, its rows in the
    lower one.
    """

    customer: NDArray[np.uint32]
    period: NDArray[np.int32]
    begins: Int64s
    ends: Int64s
    entries: NDArray[np.uint64]

    @cached_property
    def first(self) -> int:
        """The earliest period, of one pair at least."""
        return int(self.period.min())

    @cached_property
    def periods(self) -> int:
        """How many periods there are from the earliest to the latest."""
        return int(self.period.max()) - self.first + 1

    def column(self, wanted: NDArray[np.bool_]) -> Column:
        """How many rows of the wanted kinds, one flag a kind, each pair has."""
        kinds = len(self.begins)
        if len(wanted) < kinds:
            raise IndexError(f"a mask of {len(wanted)} kinds for counts of {kinds}")
        column = np.zeros(len(self.period), np.uint32)
        _of_kinds(self.begins, self.ends, np.ascontiguousarray(wanted), kinds, self.entries, column)
        return column

    def moments(
        self, x: Column, y: Column, most_x: int, most_y: int, group: Int64s | None = None, groups: int = 1
    ) -> Int64s:
        """Two columns' `SUMS` over pairs, at most so much of each, shape (groups × `periods`, `SUMS`).

        `group`: the group of each pair, if there are several. There are at most `MOST_ROWS` rows.
        """
        if not len(x) == len(y) == len(self.period) or (groups > 1 and (group is None or len(group) != len(x))):
            raise ValueError("expected columns of one length, and a group a pair where there are several")
        sums = np.zeros((groups * self.periods, SUMS), np.int64)
        of_groups = (_NO_GROUPS if group is None else group), groups
        most = (min(most, 2**62) for most in (most_x, most_y))
        _moments(self.period, *of_groups, x, y, len(x), *most, self.first, self.periods, sums)
        return sums


def counts(
    customer: NDArray[np.uint32], period: NDArray[np.int32], kind: NDArray[np.uint32], kind_counts: Int64s
) -> Counts:
    """The counts of rows sorted by (customer, period), of which there are less than 2³², and so many of each kind."""
    begins, rows, kinds = np.cumsum(kind_counts) - kind_counts, len(kind), len(kind_counts)
    ends = begins.copy()
    room = np.empty(rows, np.uint32), np.empty(rows, np.int32), np.empty(rows, np.uint64)
    columns = (np.ascontiguousarray(column) for column in (customer, period, kind))
    pairs = _of_rows(*columns, rows, kinds, ends, *room)
    return Counts(room[0][:pairs].copy(), room[1][:pairs].copy(), begins, ends, room[2])
