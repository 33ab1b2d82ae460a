"""A funnel's counts and durations as rows for people: every segment, period and step, with rates and times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.intervals import wilson
from engagement_cli.metrics.parts.grid import Grid, ViewColumn
from engagement_cli.metrics.parts.period_rows import PeriodRows, by_period, flags, interval, quotient
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.results import Measure
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.cells import Cells
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
    """A row a segment, period and step of these names: `COLUMNS`, `complete`, `flags`, what `MEASURES` read.

    `window` is in ticks.
    """
    cells, steps = state["steps"], len(names)
    first = cells.take(np.flatnonzero(cells.numbers("step") == 1))
    whole = by_period(first, clock, every).grid
    grid = whole.take(np.repeat(np.arange(len(whole)), steps))
    rows = PeriodRows(grid, cells, _row(whole, cells, steps))
    step = np.tile(np.arange(1, steps + 1), len(whole))
    customers, open_ = rows.whole("customers"), np.repeat(rows.whole("open")[::steps], steps)
    entered = np.repeat(customers[::steps], steps)
    before = np.where(step == 1, customers, np.roll(customers, 1))
    from_previous = quotient(customers, before)
    columns: dict[str, ViewColumn] = {
        "step": step,
        "event": pl.Series("event", [*names] * len(whole), dtype=pl.String),
        "customers": customers,
        "open": open_,
        "entered": entered,
        "before": before,
        "conversion_from_start": quotient(customers, entered),
        "conversion_from_previous": from_previous,
        "drop_off": 1 - from_previous,
    }
    for prefix, below in (("", entered), ("previous_", before)):
        low, high = wilson(customers.astype(np.float64), below.astype(np.float64))
        # Of step 1, which all entrants reach, no interval.
        ends = (np.where(step == 1, np.nan, low), np.where(step == 1, np.nan, high))
        columns |= interval(ends, f"{prefix}ci_low", f"{prefix}ci_high")
    for since, suffix in zip(SINCE, ("", "_from_start"), strict=True):
        mean = quotient(rows.number(since), customers, clock.ticks_per_second)
        columns[f"mean_seconds{suffix}"] = np.where(step > 1, mean, np.nan)
    columns |= _durations(state["durations"], whole, steps, clock.ticks_per_second)
    columns["complete"] = elapsed(grid, clock, every, window)
    return grid.table({**columns, "flags": flags(grid, entered, {"provisional": open_ > 0})})


def _row(grid: Grid, cells: Cells, steps: int) -> Int64s:
    """The row of each cell by segment, period and step, of a grid that has each of its rows once a step."""
    row = grid.rows(cells)
    return np.where(row >= 0, row * steps + cells.numbers("step") - 1, -1)


def _durations(runs: Cells, grid: Grid, steps: int, ticks_per_second: int) -> dict[str, ViewColumn]:
    every_share = {name: share for shares in QUANTILES.values() for name, share in shares.items()}
    groups, found = quantiles(runs, "value", "count", every_share, [*_STEP, "since"])
    row, since = _row(grid, groups, steps), groups.labels("since")
    columns: dict[str, ViewColumn] = {}
    for name, shares in QUANTILES.items():
        mine = np.flatnonzero((row >= 0) & np.array([text == name for text in since.texts], np.bool_)[since.codes])
        for column in shares:
            seconds = np.full(len(grid) * steps, np.nan)
            seconds[row[mine]] = found[column][mine] / ticks_per_second
            columns[column] = seconds
    return columns


def elapsed(grid: Grid, clock: Clock, every: Grain, window: int) -> Flags:
    """Whether each row's period is complete: only once the window of its last instant has elapsed; but for the whole
    range, which is what was asked for."""
    if every.unit == "total":
        return grid.complete
    return grid.complete & (clock.periods(every).bounds[grid.period + 1] <= clock.as_of - window)
