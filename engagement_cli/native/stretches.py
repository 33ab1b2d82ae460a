"""Stretches of time by customer: joined where they touch, and looked up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
_join = function("stretches_join", np.int64, int, np.int64, np.int64, np.int64, np.int64, np.int64)
_run = function("stretches_run", np.int64, np.int64, np.int64, np.int64, np.int64, int, np.bool_)


class Joined(Record):
    """The times `[begins, ends)` in which any stretch of a customer runs; those of customer c are `first[c]` to
    `first[c + 1]`, apart from each other and in order."""

    first: Int64s
    begins: Int64s
    ends: Int64s

    def runs(self, customer: Int64s, instant: Int64s) -> NDArray[np.bool_]:
        """Whether one runs for each customer at each instant, pair by pair; `IndexError` for customers beyond."""
        if len(customer) != len(instant):
            raise ValueError("a customer and an instant make a pair")
        if len(customer) and not 0 <= int(customer.min()) <= int(customer.max()) < len(self.first) - 1:
            raise IndexError("a customer who has no place in `first`")
        found = np.empty(len(customer), np.bool_)
        given = (np.ascontiguousarray(customer, np.int64), np.ascontiguousarray(instant, np.int64))
        _run(self.first, self.begins, self.ends, *given, len(customer), found)
        return found


def joined(first: Int64s, begins: Int64s, ends: Int64s) -> Joined:
    """Stretches `[begins, ends)` in ticks, those of customer c from `first[c]` to `first[c + 1]`, sorted by begins."""
    if int(first[0]) != 0 or int(first[-1]) != len(begins) or len(begins) != len(ends) or (np.diff(first) < 0).any():
        raise ValueError("`first` does not divide the stretches")
    places, starts, stops = np.empty_like(first), np.empty_like(begins), np.empty_like(ends)
    count = _join(first, len(first) - 1, begins, ends, places, starts, stops)
    return Joined(places, starts[:count].copy(), stops[:count].copy())
