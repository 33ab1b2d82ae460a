"""Who enters which cohort, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engagement_cli.kernels.arrays import Flags, Int64s, Integers, saturating_add
from engagement_cli.kernels.runs import starts

Clock = Literal["calendar", "elapsed"]
Entry = Literal["recurring", "first_time"]


@dataclass(frozen=True)
class Entries:
    """One row a member of a cohort, sorted by (customer, period): the first start event there."""

    customer: Integers
    time: Int64s
    period: Int64s
    group: Int64s


def enter(
    customer: Integers,
    time: Int64s,
    start: Flags,
    in_period: Callable[[Int64s], Integers],
    since: int,
    until: int,
    *,
    entry: Entry,
    group: Integers | None,
) -> Entries:
    """The entries in `[since, until)`: a customer's first of each period, or the first of all rows if it lies there."""
    if entry == "first_time":
        rows = np.flatnonzero(start)
        rows = rows[starts(customer[rows])]
        rows = rows[(time[rows] >= since) & (time[rows] < until)]
        period = in_period(time[rows]).astype(np.int64)
    else:
        rows = np.flatnonzero(start & (time >= since) & (time < until))
        period = in_period(time[rows]).astype(np.int64)
        first = starts(customer[rows], period)
        rows, period = rows[first], period[first]
    groups = np.zeros(len(rows), np.int64) if group is None else group[rows].astype(np.int64)
    return Entries(customer[rows], time[rows], period, groups)


def begin_of(entries: Entries, offset: int, length: int) -> Int64s:
    """When `offset` periods of `length` ticks have gone by since each entry."""
    return saturating_add(entries.time, offset * length)
