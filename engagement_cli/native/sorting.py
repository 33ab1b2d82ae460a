"""Rows in the order of customer, time and kind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Codes = NDArray[np.uint32]
Ticks = NDArray[np.int64]
Places = NDArray[np.uint32]
_NOWHERE = np.empty(0, np.uint32)
_rows = function(
    "sorting_rows",
    *(np.uint32, np.int64, np.uint32, int, np.uint32, int, np.uint32, int),
    *(int, np.int64, np.uint32, np.int64, np.uint32, int, np.uint32),
)
_tied = function("sorting_tied", np.uint32, np.int64, np.uint32, int, np.uint32, np.uint32)


def sorted_rows(
    customer: Codes, time: Ticks, kind: Codes, ranks: Codes, kinds: Codes, *, placed: bool
) -> tuple[tuple[Codes, Ticks, Codes], Places]:
    """Rows sorted by customer, time and kind, equal ones in their order; with `placed`, where each was, else nothing.

    A customer's code is turned into another by `ranks`, as a kind's by `kinds`; both have one for each code.
    Rows that come in order of time but for a few take the least time. Raises IndexError for a code without one.
    """
    columns = np.ascontiguousarray(customer), np.ascontiguousarray(time), np.ascontiguousarray(kind)
    rows = len(time)
    if not len(customer) == rows == len(kind):
        raise ValueError("expected columns of one length")
    customers = int(ranks.max(initial=0)) + 1
    found = np.empty(rows, np.uint32), np.empty(rows, np.int64), np.empty(rows, np.uint32)
    place = np.empty(rows, np.uint32) if placed else _NOWHERE
    tables = ranks, len(ranks), kinds, len(kinds), customers, np.zeros(customers + 1, np.int64)
    if _rows(*columns, rows, *tables, *found, int(placed), place):
        raise IndexError(f"a customer is not among {len(ranks)}, or a kind not among {len(kinds)}")
    return found, place


def tied(customer: Codes, time: Ticks, kind: Codes) -> tuple[Places, NDArray[np.uint32]]:
    """Of sorted rows the places of those that agree with a neighbour, and a number for each of their runs, rising."""
    places, runs = np.empty(len(time) + 1, np.uint32), np.empty(len(time) + 1, np.uint32)
    count = _tied(customer, time, kind, len(time), places, runs)
    return places[:count].copy(), runs[:count].copy()
