"""Sessions: where they begin and how long they are; what they add up to, customer by customer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Int64s = NDArray[np.int64]
PLAIN = ("sessions", "ticks", "events", "single")
COLUMNS = ("customers", *PLAIN, *(f"{name}_{name}" for name in PLAIN), *(f"{name}_sessions" for name in PLAIN[1:]))
_NO_DAYS = np.zeros(0, np.int32)
_cuts = function(
    "session_cuts",
    *(np.uint32, np.int64, np.uint32, int, np.bool_, int, int, np.int32, int),
    *(np.int64, np.int64, np.int64),
)
_sums = function("session_sums", np.uint32, np.int64, np.int64, np.int64, int, int, np.uint64, np.uint64)


def session_cuts(
    customer: NDArray[np.uint32],
    time: Int64s,
    kind: NDArray[np.uint32],
    wanted: NDArray[np.bool_],
    gap: int,
    day: NDArray[np.int32] | None = None,
    cap: int | None = None,
) -> tuple[Int64s, Int64s, Int64s]:
    """The sessions of rows sorted by (customer, time), of the kinds that are `wanted` (one value a kind) alone.

    A session ends after a gap greater than `gap` ticks; with `day`, the local day of each row, also at midnight; with
    `cap`, an event `cap` ticks or more after its session's first event opens a new one.

    Gives, in order, the position of the row that opens each, the time of its last row, and how many rows it has.
    Raises ValueError for a negative gap or a cap below 1.
    """
    if gap < 0 or (cap is not None and cap < 1):
        raise ValueError(f"gap must be >= 0 and cap >= 1, got gap={gap}, cap={cap}")
    rows = len(time)
    if not len(customer) == len(kind) == rows or (day is not None and len(day) != rows):
        raise ValueError("expected columns of one length")
    first, last, events = np.empty(rows, np.int64), np.empty(rows, np.int64), np.empty(rows, np.int64)
    days = _NO_DAYS if day is None else day
    limits = min(gap, 2**64 - 1), min(cap or 0, 2**64 - 1), days, len(days)
    found = _cuts(customer, time, kind, rows, wanted, *limits, first, last, events)
    return first[:found].copy(), last[:found].copy(), events[:found].copy()


def session_sums(
    customer: NDArray[np.uint32], cell: Int64s, ticks: Int64s, events: Int64s, cells: int
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """What sessions add up to in each of the cells, which are numbered from 0: the low and the high 64 bits of sums.

    One value a session; those of a customer in a cell are next to each other. They are one observation each of
    `PLAIN`: how many they are, how long, of how many events, and how many have a single one. Both arrays have the
    shape (`COLUMNS`, cells): observations, sums, sums of squares, and of products with the number of sessions.
    """
    if not len(customer) == len(cell) == len(ticks) == len(events):
        raise ValueError("expected columns of one length")
    low, high = np.zeros((2, len(COLUMNS), cells), np.uint64)
    _sums(customer, np.ascontiguousarray(cell), ticks, events, len(cell), cells, low, high)
    return low, high
