"""Who enters which cohort, and when the cells of an entry begin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s, Integers, saturating_add
from engagement_cli.kernels.period_bounds import period_index
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
    bounds: Int64s,
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
        period = period_index(time[rows], bounds)
    else:
        rows = np.flatnonzero(start & (time >= since) & (time < until))
        period = period_index(time[rows], bounds)
        first = starts(customer[rows], period)
        rows, period = rows[first], period[first]
    groups = np.zeros(len(rows), np.int64) if group is None else group[rows].astype(np.int64)
    return Entries(customer[rows], time[rows], period, groups)


def edge_instants(entries: Entries, bounds: Int64s, offset: int, clock: Clock, length: int) -> Int64s:
    """When period `offset` of each entry begins: a bound, or `offset * length` after the entry; 0 is the entry."""
    if offset == 0:
        return entries.time
    if clock == "calendar":
        return bounds[entries.period + offset]
    return saturating_add(entries.time, min(offset * length, LARGEST))
