"""Distinct (customer, period) pairs with one bit for every selection that matched a row there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Customers = NDArray[np.uint32]
Periods = NDArray[np.int32]
Bits = NDArray[np.uint64]
_of_rows = function("activity_of_rows", np.uint32, np.int32, np.uint32, int, np.uint64, np.uint32, np.int32, np.uint64)
_coarser = function("activity_coarser", np.uint32, np.int32, np.uint64, int, np.int32, np.uint32, np.int32, np.uint64)
_chosen = function("activity_chosen", np.uint32, np.int32, np.uint64, int, int, np.uint32, np.int32)


class Marked(Record):
    """Pairs sorted by (customer, period), one entry a pair in every array."""

    customer: Customers
    period: Periods
    marks: Bits

    def coarser(self, wider: Periods) -> Marked:
        """The pairs of coarser periods, where `wider` has one entry a period and rises."""
        if len(self.period) and not 0 <= int(self.period.min()) <= int(self.period.max()) < len(wider):
            raise IndexError(f"a period is not among {len(wider)}")
        found = _room(len(self.period))
        arrays = (found.customer, found.period, found.marks)
        return found._upto(_coarser(self.customer, self.period, self.marks, len(self.period), wider, *arrays))

    def chosen(self, bit: int) -> tuple[Customers, Periods]:
        """The customers and the periods of the pairs that have a bit, 0 .. 63."""
        room = len(self.marks) + 1
        customer, period = np.empty(room, np.uint32), np.empty(room, np.int32)
        found = _chosen(self.customer, self.period, self.marks, len(self.marks), bit, customer, period)
        for column in (customer, period):
            column.resize(found, refcheck=False)  # gives back the room that was not needed
        return customer, period

    def _upto(self, count: int) -> Marked:
        return Marked(self.customer[:count].copy(), self.period[:count].copy(), self.marks[:count].copy())


def mark(customer: Customers, period: Periods, kind: NDArray[np.uint32], bits: Bits) -> Marked:
    """The pairs of rows sorted by (customer, period), where `bits` has one entry a kind."""
    if len(kind) and int(kind.max()) >= len(bits):
        raise IndexError(f"a kind is not among {len(bits)}")
    found = _room(len(kind))
    columns = (np.ascontiguousarray(customer), np.ascontiguousarray(period), np.ascontiguousarray(kind))
    return found._upto(_of_rows(*columns, len(kind), bits, found.customer, found.period, found.marks))


def _room(pairs: int) -> Marked:
    return Marked(np.empty(pairs, np.uint32), np.empty(pairs, np.int32), np.empty(pairs, np.uint64))
