"""Trailing windows: with which day each period's window ends and what is wrong with it; who was active how often."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import same
from engagement_cli.kernels.dense import renumber
from engagement_cli.metrics.parts.grid import Grid
from engagement_cli.native.trailing import days_in_windows
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.activity import Pairs
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock

DAY = Grain("day")
_CELLS = 1 << 21  # counts of holders × windows held at a time


def window_days(clock: Clock, every: Grain) -> NDArray[np.int64]:
    """The day (index among the days) with which each shown period's window ends.

    It is the period's last day, but none at or past `until`; where the data's completeness ends inside the period, it
    is the last day before `as_of`.
    """
    table = clock.periods(every)
    shown = clock.shown(table)
    starts, ends = table.bounds[shown.start : shown.stop], table.bounds[shown.start + 1 : shown.stop + 1]
    ends = np.minimum(ends, clock.until)
    ends = np.where(starts < clock.as_of, np.minimum(ends, clock.as_of), ends)
    return clock.periods(DAY).index(ends - 1).astype(np.int64)


class Behind(Record):
    """For each shown period: does what ends with it begin before the history (`short`), is a day missing (`gap`)?"""

    short: NDArray[np.bool_]
    gap: NDArray[np.bool_]

    def of(self, grid: Grid) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Both, for the rows of a grid."""
        return self.short[grid.place], self.gap[grid.place]


def behind(clock: Clock, every: Grain, window: int) -> Behind:
    """What is wrong with the window of days of each shown period."""
    days = clock.periods(DAY)
    last = window_days(clock, every)
    first = last - window + 1
    opens, closes = days.bounds[np.maximum(first, 0)], days.bounds[last + 1]
    return Behind(first < days.at(clock.first), clock.lacks_days(opens, closes))


class Held(Record):
    """Who was active in the window of a period: so many `customers` of a group so many `times`, one entry each."""

    period: int
    group: Codes
    times: NDArray[np.int64]
    customers: NDArray[np.int64]

    def by_group(self, *values: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """The different groups, how many were active in each, and the sums over them of values, all below 2⁵³."""
        groups, number, _ = renumber(self.group)
        each = (self.customers, *(value * self.customers for value in values))
        return [groups, *(np.bincount(number, v, len(groups)).astype(np.int64) for v in each)]


def held(
    bucket: Bucket, found: Pairs, grouping: Grouping, every: Grain, last: NDArray[np.int64], window: int
) -> Iterator[Held]:
    """For each shown period, in how many of the `window` periods of the pairs that end with its `last` one who was.

    Pairs have groups only where these are of events, else the group is the customer's at the period's start.
    """
    table = bucket.clock.periods(every)
    holder, holders, group_of = found.customer, bucket.customers, np.zeros(0, np.int64)
    if grouping.of_events:
        distinct, number, _ = renumber(found.customer.astype(np.int64) * grouping.size + found.group)
        holder, holders, group_of = number.astype(np.uint32), len(distinct), distinct % grouping.size
    at_once = max(_CELLS // max(holders, 1), 1)
    shown = bucket.clock.shown(table)
    for first in range(0, len(shown), at_once):
        some = slice(first, first + at_once)
        for period, times in zip(
            shown[some], days_in_windows(holder, found.period, last[some], window, holders), strict=True
        ):
            if not grouping.columns:
                customers = np.bincount(times)[1:]
                often = np.flatnonzero(customers)
                yield Held(period, same(0, len(often)), often + 1, customers[often])
                continue
            who = np.flatnonzero(times)
            if grouping.of_events:
                group = group_of[who]
            else:
                group = grouping.customers(who.astype(np.uint32), np.full(len(who), table.bounds[period], np.int64))
            yield Held(period, group, times[who].astype(np.int64), same(1, len(who)))
