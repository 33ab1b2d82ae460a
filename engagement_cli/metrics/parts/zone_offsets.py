"""How far a zone is ahead of UTC, and where its clocks are changed."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.native.terms import Offsets
from engagement_cli.timeline.clock import Clock

_APART, _MARGIN = 6 * 3600, 3 * 86_400


def local_seconds(seconds: Int64s, zone: str) -> Int64s:
    """Seconds since 1970 UTC as seconds of the wall clock."""
    utc = pl.Series("utc", seconds * 1_000_000).cast(pl.Datetime("us", "UTC")).to_frame()
    local = pl.col("utc").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return utc.select(local.dt.epoch("s")).to_series().to_numpy()


def offsets_between(clock: Clock, first: int, last: int) -> Offsets:
    """The zone's offsets of the local times from a few days before an instant (ticks) to a few days after another.

    Of a time that comes twice it is that of the first; of one that the clocks skip, that of before.
    """
    low, high = first // clock.ticks_per_second - _MARGIN, last // clock.ticks_per_second + _MARGIN
    return clock.shared(("zone offsets", low, high), lambda: _offsets(low, high, clock.zone_name))


def _offsets(low: int, high: int, zone: str) -> Offsets:
    coarse = np.arange(low, high + _APART, _APART)
    ahead = local_seconds(coarse, zone) - coarse
    switches, seconds = [], [int(ahead[0])]
    for place in np.flatnonzero(np.diff(ahead)).tolist():
        each = np.arange(coarse[place], coarse[place + 1] + 1)
        offset = local_seconds(each, zone) - each
        for at in (np.flatnonzero(np.diff(offset)) + 1).tolist():
            switches.append(int(each[at]) + max(int(offset[at - 1]), int(offset[at])))
            seconds.append(int(offset[at]))
    return Offsets(np.array(switches, np.int64), np.array(seconds, np.int64))
