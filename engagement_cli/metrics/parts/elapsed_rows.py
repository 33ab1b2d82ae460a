"""Pairs as rows for people: how many began, how long they took, which are open, by segment and period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.cells import order_of_packed
from engagement_cli.kernels.intervals import clustered_ratio
from engagement_cli.kernels.layout import Layout
from engagement_cli.metrics.parts.elapsed_pairs import Pairs
from engagement_cli.metrics.parts.elapsed_stock import stock
from engagement_cli.metrics.parts.grid import Grid, ViewColumn, grid_of
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.period_rows import interval, on_grid, quotient
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.native.hashes import numbered
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.quantiles import quantiles
from engagement_cli.timeline.state import Column, StateTable

_RUNS = StateTable({**SEGMENT_AND_PERIOD, "ticks": pl.Int64}, {"count": "sum"})
_OVERDUE = StateTable(SEGMENT_AND_PERIOD, {"overdue": "sum"})
QUANTILES = {"median_seconds": 0.5, "p90_seconds": 0.9}
# Each quotient with a customer-clustered interval: the sums above and below it.
QUOTIENTS = {
    "mean_seconds": ("ticks", "ended"),
    "within_share": ("within", "pairs"),
    "ended_share": ("ended", "pairs"),
}


def elapsed_rows(
    pairs: Pairs, orphans: Int64s, clock: Clock, every: Grain, placed: Literal["start", "end"], limit: int
) -> tuple[Grid, dict[str, ViewColumn]]:
    """A row a segment and period from the pairs of all history: the grid, and columns beside it.

    A pair belongs to the period of its start or its end; `limit` is in ticks. `orphans` are ends without a start.
    """
    # Every segment has its rows, also one whose pairs all began before the range: they may be open in it.
    there = np.bincount(pairs.segments.codes, minlength=len(pairs.segments.texts)) > 0
    texts = {text for text, some in zip(pairs.segments.texts, there.tolist(), strict=True) if some}
    grid = grid_of(("", *sorted(texts - {""})), clock, every)
    when = pairs.time if placed == "start" else pairs.ended
    inside = (when >= clock.since) & (when < clock.until)
    if placed == "end":
        inside &= ~pairs.is_open
    found, period = pairs.take(inside), clock.periods(every).index(when[inside])
    columns = _with_sums(found, period, grid, clock, limit) | _with_quantiles(found, period, grid, clock)
    columns |= stock(grid, pairs, clock, every, limit)
    return grid, {**columns, "ends_without_start": _orphans(grid, orphans, clock, every)}


def _with_sums(found: Pairs, period: NDArray[np.int32], grid: Grid, clock: Clock, limit: int) -> dict[str, ViewColumn]:
    """Sums over pairs and their quotients, with intervals from what these are for each opener."""
    _, opener = numbered(found.opener)
    order = _order([opener, period, found.segments.codes])
    found, period, opener = found.take(order), period[order], opener[order]
    ended = ~found.is_open
    ticks = np.where(ended, found.ended - found.time, 0)
    sides: dict[str, Int64s] = {
        "pairs": np.ones(len(period), np.int64),
        "ended": ended.astype(np.int64),
        "within": (ended & (ticks <= limit)).astype(np.int64),
        "ticks": ticks,
    }
    sums = {
        name: on_grid(moments(opener, period, found.segments, sides[above], sides[below]), grid)
        for name, (above, below) in QUOTIENTS.items()
    }
    overdue = np.flatnonzero(~ended & (clock.as_of - found.time > limit))
    of_late: dict[str, Column] = {"segments": found.segments.take(overdue), "period": period[overdue], "overdue": 1}
    pairs, of_ended = sums["ended_share"].whole("y"), sums["ended_share"].whole("x")
    columns: dict[str, ViewColumn] = {
        "pairs": pairs,
        "ended": of_ended,
        "within": sums["within_share"].whole("x"),
        "open": pairs - of_ended,
        "overdue": on_grid(_OVERDUE.of(of_late), grid).whole("overdue"),
        "seconds": sums["mean_seconds"].floats("x")[0] / clock.ticks_per_second,
        "customers": sums["within_share"].whole("n"),
        "ended_customers": sums["mean_seconds"].whole("n"),
    }
    for name, (above, _) in QUOTIENTS.items():
        x, y, *_ = moments_of = sums[name].floats(*MOMENTS.values)
        scale = clock.ticks_per_second if above == "ticks" else 1
        low, high = clustered_ratio(*moments_of)
        if above != "ticks":
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        columns |= interval((low / scale, high / scale), f"{name}_ci_low", f"{name}_ci_high")
        columns[name] = quotient(x, y, scale)
    return columns


def _order(keys: Sequence[Integers]) -> NDArray[np.integer[Any]]:
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    return order_of_packed(Layout.of(keys).packed(keys, len(keys[0])))


def _with_quantiles(found: Pairs, period: NDArray[np.int32], grid: Grid, clock: Clock) -> dict[str, ViewColumn]:
    """The quantiles of the seconds of those that have ended."""
    ended = np.flatnonzero(~found.is_open)
    runs = _RUNS.of(
        {
            "segments": found.segments.take(ended),
            "period": period[ended],
            "ticks": found.ended[ended] - found.time[ended],
            "count": 1,
        }
    )
    groups, values = quantiles(runs, "ticks", "count", QUANTILES, list(SEGMENT_AND_PERIOD))
    rows = grid.rows(groups)
    return {name: grid.spread(rows, each, np.nan) / clock.ticks_per_second for name, each in values.items()}


def _orphans(grid: Grid, orphans: Int64s, clock: Clock, every: Grain) -> pl.Series:
    """Ends without a start, in the period in which they happen; which segment they belong to is unknown."""
    periods = clock.periods(every)
    inside = orphans[(orphans >= clock.since) & (orphans < clock.until)]
    counts = np.bincount(periods.index(inside), minlength=len(periods))[grid.period]
    found = pl.Series(np.where(grid.segment == 0, counts, np.nan), nan_to_null=True)
    return found.cast(pl.Int64).alias("ends_without_start")
