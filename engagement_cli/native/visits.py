"""When customers came: their first and last row, the median gap between their days, days and rows in windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.native.tallies import Histories, Interval
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
NEVER = int(np.iinfo(np.int64).max)
_of_customers = function(
    "visits_of_customers",
    *(np.int64, np.uint32, np.int32, np.int64, int),
    *(np.bool_, int, np.int64, np.int64, int, int),
    *(np.int64, np.int64, np.int64, np.int64, np.int64),
)


class Visits(Record):
    """One value a customer. `first` and `last` (ticks) are `NEVER` of those who never came.

    `gap` is twice the median number of days between one day with rows and the next, 0 with fewer than two such days.
    `days` and `events` have the shape (windows, customers).
    """

    first: Int64s
    last: Int64s
    gap: Int64s
    days: Int64s
    events: Int64s


def visits(
    rows: Histories,
    day: NDArray[np.int32],
    wanted: NDArray[np.bool_],
    until: int,
    windows: Sequence[Interval],
) -> Visits:
    """What the rows of wanted kinds (one flag a kind) before `until` say, each of which has its day.

    Raises IndexError for a kind without a flag.
    """
    if len(wanted) < rows.kinds:
        raise IndexError(f"a kind is not among {len(wanted)}")
    if len(day) != len(rows.time):
        raise ValueError("expected columns of one length")
    begins, ends = (np.array([window[i] for window in windows], np.int64) for i in range(2))
    each = [np.full(rows.customers, value, np.int64) for value in (NEVER, NEVER, 0)]
    counts = [np.zeros((len(windows), rows.customers), np.int64) for _ in range(2)]
    longest = int(np.diff(rows.first).max(initial=0))
    chosen = (np.ascontiguousarray(wanted), until, begins, ends, len(windows), longest)
    _of_customers(rows.time, rows.kind, np.ascontiguousarray(day), rows.first, rows.customers, *chosen, *each, *counts)
    return Visits(*each, *counts)
