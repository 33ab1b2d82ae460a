"""Lengths of time in years, by the calendar: a month is a twelfth, whatever its days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock


def years(clock: Clock, grain: Grain) -> NDArray[np.float64]:
    """The length in years of each period of the grain, one value a period.

    Calendar months count a twelfth each; of months that are covered in part, their part.
    """
    months = clock.periods(Grain("month"))
    bounds = clock.periods(grain).bounds
    month = np.clip(np.searchsorted(months.bounds, bounds, "right") - 1, 0, len(months) - 1)
    opens, closes = months.bounds[month], months.bounds[month + 1]
    return np.diff(month + (bounds - opens) / (closes - opens)) / 12
