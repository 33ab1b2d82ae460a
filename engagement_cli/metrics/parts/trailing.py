"""Trailing windows of whole local days: with which day each period's window ends, and what is wrong with it."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock

DAY = Grain("day")


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


def behind(clock: Clock, every: Grain, window: int) -> pl.DataFrame:
    """For each shown `period`: does its window of days begin before the history (`short`), is a day missing (`gap`)?"""
    days = clock.periods(DAY)
    last = window_days(clock, every)
    first = last - window + 1
    missing = np.array([clock.instant(day) for day in clock.unreliable], dtype=np.int64)
    opens, closes = days.bounds[np.maximum(first, 0)], days.bounds[last + 1]
    shown = clock.shown(clock.periods(every))
    return pl.DataFrame(
        {
            "period": np.arange(shown.start, shown.stop, dtype=np.int32),
            "short": first < days.at(clock.first),
            "gap": np.searchsorted(missing, closes) > np.searchsorted(missing, opens),
        }
    )
