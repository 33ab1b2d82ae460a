"""Wall-clock times of a zone ↔ instants."""

from __future__ import annotations

import polars as pl

_DAY = pl.duration(days=1)
_DAY_TICKS = 86_400_000_000


def localize(wall_clock: pl.Expr, zone: str) -> pl.Expr:
    """A naive `Datetime('us')` read in an IANA zone, as µs since 1970 UTC (Int64).

    A time that the clock shows twice is the earlier one. A time that it skips is moved forward by the length of the
    gap, so that a midnight that does not exist becomes the first instant of its day.
    """
    if zone == "UTC":
        return wall_clock.to_physical()
    instant = wall_clock.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").to_physical()
    # The offset in force a day before is the one from before the gap.
    skipped = pl.when(instant.is_null()).then(wall_clock - _DAY)
    before = skipped.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").to_physical() + _DAY_TICKS
    return pl.coalesce(instant, before)


def wall_clock(instant: pl.Expr, zone: str) -> pl.Expr:
    """µs since 1970 UTC as the naive `Datetime('us')` that clocks of the zone show."""
    moment = instant.cast(pl.Datetime("us"))
    if zone == "UTC":
        return moment
    return moment.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
