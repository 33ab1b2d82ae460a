"""When customers came: their first and last row, the median gap between their days, days and rows in windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
NEVER = int(np.iinfo(np.int64).max)
_of_customers = function(
    "visits_of_customers",
    *(np.uint32, np.int64, np.uint32, np.int32, int),
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
    rows: tuple[NDArray[np.uint32], Int64s, NDArray[np.uint32], NDArray[np.int32]],
    wanted: NDArray[np.bool_],
    until: int,
    windows: Sequence[tuple[int, int]],
    customers: int,
) -> Visits:
    """What the rows of wanted kinds (one flag a kind) before `until` say; windows `[begins, ends)` in ticks.

    `rows` are customers, times, kinds and days, sorted by (customer, time). Raises IndexError for a customer who is not
    among `customers` and for a kind without a flag.
    """
    customer, time, kind, day = (np.ascontiguousarray(column) for column in rows)
    if len(time) and (int(customer[-1]) >= customers or int(kind.max()) >= len(wanted)):
        raise IndexError(f"a customer is not among {customers}, or a kind not among {len(wanted)}")
    begins, ends = (np.array([window[i] for window in windows], np.int64) for i in range(2))
    each = [np.full(customers, value, np.int64) for value in (NEVER, NEVER, 0)]
    counts = [np.zeros((len(windows), customers), np.int64) for _ in range(2)]
    chosen = (np.ascontiguousarray(wanted), until, begins, ends, len(windows), customers)
    _of_customers(customer, time, kind, day, len(time), *chosen, *each, *counts)
    return Visits(*each, *counts)
