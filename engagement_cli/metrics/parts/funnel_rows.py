"""A funnel's counts and durations as rows for people: every segment, period and step, with rates and times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import over
from engagement_cli.kernels.intervals import wilson
from engagement_cli.metrics.parts.period_rows import added, by_period, divided, flags, floats, quotient, with_interval
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.results import Measure
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.quantiles import quantiles
from engagement_cli.timeline.state import State, StateTable

_STEP = {**SEGMENT_AND_PERIOD, "step": pl.Int32}
SINCE = ("previous", "start")  # what a duration is counted from
STATE = {
    "steps": StateTable(_STEP, {"customers": "sum", "open": "sum", "previous": "sum", "start": "sum"}),
    "durations": StateTable({**_STEP, "since": pl.String, "value": pl.Int64}, {"count": "sum"}),
    "dropped": StateTable({"period": pl.Int32}, {"customers": "sum"}),
}
COLUMNS = (
    "step",
    "event",
    "customers",
    "open",
    "conversion_from_start",
    "conversion_from_previous",
    "ci_low",
    "ci_high",
    "median_seconds",
    "mean_seconds",
    "median_seconds_from_start",
    "mean_seconds_from_start",
    "drop_off",
    "p25_seconds_from_start",
    "p75_seconds_from_start",
    "p90_seconds_from_start",
)
QUANTILES = {  # of the seconds since the step before, or since the start
    "previous": {"median_seconds": 0.5},
    "start": {
        "median_seconds_from_start": 0.5,
        "p25_seconds_from_start": 0.25,
        "p75_seconds_from_start": 0.75,
        "p90_seconds_from_start": 0.9,
    },
}
MEASURES = (
    Measure("conversion_from_start", "share", "customers", "entered", "entered", "ci_low", "ci_high"),
    Measure(
        "conversion_from_previous", "share", "customers", "before", "before", "previous_ci_low", "previous_ci_high"
    ),
    Measure("drop_off", "share", denominator="before", n="before"),
    Measure("customers", "count"),
    Measure("median_seconds", "seconds", n="customers"),
    Measure("mean_seconds", "seconds", n="customers"),
)


def funnel_rows(state: State, names: Sequence[str], clock: Clock, every: Grain, window: int) -> pl.DataFrame:
    """A row a segment, period and step of these names: `COLUMNS`, period, `complete`, `flags`, what `MEASURES` read.

    `window` is in ticks.
    """
    table = elapsed(_converted(state, names, clock, every), clock, every, window)
    for since, suffix in zip(SINCE, ("", "_from_start"), strict=True):
        mean = quotient(table, since, "customers", clock.ticks_per_second).to_numpy()
        later = np.where(table["step"].to_numpy() > 1, mean, np.nan)
        table = added(table, pl.Series(f"mean_seconds{suffix}", later, nan_to_null=True))
    every_share = {name: share for shares in QUANTILES.values() for name, share in shares.items()}
    lasting = quantiles(state["durations"], "value", "count", every_share, [*_STEP, "since"])
    for since, shares in QUANTILES.items():
        found = lasting.filter(pl.col("since") == since)
        seconds = [over(found[name], clock.ticks_per_second) for name in shares]
        found = found[list(_STEP)].hstack(seconds)
        table = table.join(found, on=list(_STEP), how="left", maintain_order="left")
    provisional = pl.when(pl.col("open") > 0).then(pl.lit("provisional"))
    table = table.with_columns(pl.col("customers", "open", "entered", "before", "step").cast(pl.Int64))
    return flags(table, "entered", [provisional]).drop(*SINCE, "period", "reliable")


def _converted(state: State, names: Sequence[str], clock: Clock, every: Grain) -> pl.DataFrame:
    """Every segment, period and step with its counts and rates; of step 1, which all entrants reach, no interval."""
    keys = list(SEGMENT_AND_PERIOD)
    entered = (
        state["steps"].frame().filter(pl.col("step") == 1).select(*keys, pl.col("customers").alias("entered"), "open")
    )
    steps = pl.DataFrame({"step": np.arange(1, len(names) + 1, dtype=np.int32), "event": names})
    table = by_period(entered, clock, every).join(steps, how="cross", maintain_order="left_right")
    table = table.join(state["steps"].frame().drop("open"), on=list(_STEP), how="left", maintain_order="left")
    table = table.with_columns(pl.col(pl.Int128).fill_null(0))
    table = table.with_columns(before=pl.col("customers").shift(1).over(keys).fill_null(pl.col("entered")))
    table = table.with_columns(
        conversion_from_start=divided("customers", "entered"), conversion_from_previous=divided("customers", "before")
    ).with_columns(drop_off=1 - pl.col("conversion_from_previous"))
    first = (table["step"] == 1).to_numpy()
    for prefix, below in (("", "entered"), ("previous_", "before")):
        low, high = wilson(*floats(table, "customers", below))
        bounds = (np.where(first, np.nan, low), np.where(first, np.nan, high))
        table = with_interval(table, bounds, f"{prefix}ci_low", f"{prefix}ci_high")
    return table


def elapsed(table: pl.DataFrame, clock: Clock, every: Grain, window: int) -> pl.DataFrame:
    """The same where a period is complete only once the window of its last instant has elapsed; the whole range, which
    is what was asked for, stays as it is."""
    if every.unit == "total":
        return table
    ends = pl.Series(clock.periods(every).bounds[table["period"].to_numpy() + 1])
    return table.with_columns(complete=pl.col("complete") & (ends <= clock.as_of - window))
