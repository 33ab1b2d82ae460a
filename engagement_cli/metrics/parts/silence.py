"""Who fell silent after a period: no selected event in the days that follow it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.runs import run_of_row, starts
from engagement_cli.metrics.parts.lifespan import midnight_after
from engagement_cli.native.silence import silent_after as _silent_after
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.activity import DAY, Pairs, pairs
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock

Instants = NDArray[np.int64]


def window_ends(clock: Clock, grain: Grain, days: int) -> Instants:
    """Where the silent window of each period of the grain ends: after `days` whole local days from the period's end."""

    def make() -> Instants:
        ends = clock.periods(grain).bounds[1:]
        return np.array([midnight_after(clock, end, days) for end in ends.tolist()], dtype=np.int64)

    return clock.shared(("silent windows", grain, days), make)


def silent_after(
    bucket: Bucket, grain: Grain, selection: Selection, grouping: Grouping, days: int
) -> tuple[Pairs, NDArray[np.int64]]:
    """Distinct (customer, period, group) of the range, and which of them (1, else 0) were silent afterwards.

    Silence is the customer's own: an event of any group ends it. Rows past `until` are looked at, too.
    """
    clock = bucket.clock
    found = pairs(bucket, grain, selection, grouping)
    ends = window_ends(clock, grain, days)
    if clock.until > clock.last and grain.unit != "hour":
        silent = _by_days(bucket, grain, selection, ends)
    else:
        rows = bucket.select(bucket.rows, selection)
        period = np.clip(bucket.period(rows, grain), 0, len(clock.periods(grain)) - 1)  # some lie outside a total
        silent = _silent_after(rows.customer, rows.time, period, clock.since, clock.until, ends)
    if grouping.of_events:  # several groups may share a customer's period
        silent = silent[run_of_row(starts(found.customer, found.period), len(found.period))]
    return found, silent.astype(np.int64)


def _by_days(bucket: Bucket, grain: Grain, selection: Selection, ends: Instants) -> NDArray[np.bool_]:
    """As by rows, where none is past the range: windows end with days, so that the days of activity suffice."""
    active, clock = pairs(bucket, DAY, selection), bucket.clock
    period = np.zeros_like(active.period) if grain.unit == "total" else clock.of_days(grain)[active.period]
    day, day_after = active.period.astype(np.int64), np.searchsorted(clock.periods(DAY).bounds, ends)
    return _silent_after(active.customer, day, period, 0, len(clock.periods(DAY)), day_after)
