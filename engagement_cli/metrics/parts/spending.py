"""Amounts that stand in the configuration, spread over the days that they are for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.settings.costs import Spending
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.periods import local_midnight, to_local


def spent(spendings: Sequence[Spending], clock: Clock, every: Grain) -> tuple[Int64s, Int64s]:
    """Of every period of a grain, what was spent in millionths, and how many amounts cannot be told by period.

    An amount counts by the days of `[from, until)` in the period, as far as the data reaches: from its first day to the
    end of its last, or from `since` to `until`. Parts of one amount add up to it exactly. One without dates is of
    all rows' time.
    """
    table = clock.periods(every)
    low = clock.since if clock.since_given else clock.floor_day(clock.since)
    high = clock.until if clock.until_given else max(_next_day(clock.until - 1, clock), clock.as_of)
    bounds = np.clip(table.bounds, low, high)
    if every.unit == "total":
        bounds = np.array([low, high], dtype=np.int64)
    days = np.array([day_number(int(bound), clock) for bound in bounds.tolist()])
    total, unknown = np.zeros(len(table), np.int64), np.zeros(len(table), np.int64)
    whole = every.unit == "total" and clock.since <= clock.first and clock.until > clock.last
    for spending in spendings:
        if spending.start is None or spending.until is None:
            total += round(spending.amount * MICRO) if whole else 0
            unknown += 0 if whole else 1
            continue
        first, last = (day_number(clock.instant(moment), clock) for moment in (spending.start, spending.until))
        share = np.clip((days - first) / (last - first), 0.0, 1.0)
        reached = np.rint(spending.amount * MICRO * share).astype(np.int64)
        total += reached[1:] - reached[:-1]
    return total, unknown


def _next_day(time: int, clock: Clock) -> int:
    """The local midnight that ends the day of an instant: spending is by whole days."""
    day = to_local(time // clock.ticks_per_second, clock.zone).date()
    return local_midnight(day + timedelta(days=1), clock.zone) * clock.ticks_per_second


def day_number(time: int, clock: Clock) -> float:
    """A day's number, plus the part of the local day that has passed at an instant."""
    seconds = time / clock.ticks_per_second
    day = to_local(int(seconds // 1), clock.zone).date()
    begins = local_midnight(day, clock.zone)
    ends = local_midnight(day + timedelta(days=1), clock.zone)
    return day.toordinal() + (seconds - begins) / (ends - begins)
