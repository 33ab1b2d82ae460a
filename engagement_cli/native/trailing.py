"""Active days in trailing windows: how many each holder has, and how many customers have any."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Int64s = NDArray[np.int64]
_counts = function("trailing_counts", np.uint32, np.int32, int, np.int64, np.int64, int, int, np.int32)
_changes = function("trailing_changes", np.uint32, np.int32, int, int, int, np.int64)


def days_in_windows(
    holder: NDArray[np.uint32], day: NDArray[np.int32], last: Int64s, window: int, holders: int
) -> NDArray[np.int32]:
    """How many of the distinct (holder, day) lie in the `window` days that end with each of `last`, which rises.

    Shape (windows, holders). Days count from 0. Raises IndexError for a holder who is not among `holders`.
    """
    found = np.zeros((len(last), holders), np.int32)
    if len(day):
        each = np.arange(max(int(day.max()) + 1, 1), dtype=np.int64)
        first, past = np.searchsorted(last, each), np.searchsorted(last, each + window)
        if _counts(holder, day, len(day), first, past, len(each), holders, found):
            raise IndexError(f"a holder is not among {holders}, or a day below 0")
    return found


def trailing_distinct(customer: NDArray[np.uint32], day: NDArray[np.int32], window: int, days: int) -> Int64s:
    """Distinct customers active in the `window` days that end with each of the days 0 .. days - 1 (int64, one a day).

    The pairs (customer, day) are distinct and sorted. Raises ValueError for a window below one day.
    """
    if window < 1:
        raise ValueError(f"window must be at least one day, got {window}")
    change = np.zeros(days + 1, np.int64)
    _changes(customer, day, len(day), min(window, 2**32), days, change)
    return np.cumsum(change)[:days]
