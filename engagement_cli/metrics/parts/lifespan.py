"""Lengths of time by the calendar: in years, of which a month is a twelfth, and in whole local days."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.periods import to_local


def years(clock: Clock, grain: Grain) -> NDArray[np.float64]:
    """The length in years of each period of the grain, one value a period.

    Calendar months count a twelfth each; of months that are covered in part, their part. A range without an end of its
    own ends just past the last row: its length is in whole days, that row's included.
    """
    months = clock.periods(Grain("month"))
    bounds = clock.periods(grain).bounds
    if not clock.until_given:
        bounds = np.where(bounds == clock.until, midnight_after(clock, clock.until), bounds)
    month = np.clip(np.searchsorted(months.bounds, bounds, "right") - 1, 0, len(months) - 1)
    opens, closes = months.bounds[month], months.bounds[month + 1]
    return np.diff(month + (bounds - opens) / (closes - opens)) / 12


def midnight_after(clock: Clock, end: int, days: int = 0) -> int:
    """The local midnight `days` days after the one that closes the day of the last instant before `end`."""
    last_day = to_local((end - 1) // clock.ticks_per_second, clock.zone).date()
    return clock.instant(last_day + timedelta(days=days + 1))
