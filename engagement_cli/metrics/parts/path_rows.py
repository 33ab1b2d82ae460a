"""Counted paths as rows for people: the most common ones, out of how many, with intervals and times; where they end."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Flags
from engagement_cli.kernels.intervals import Floats, clustered_ratio, wilson
from engagement_cli.metrics.parts.grid import period_table
from engagement_cli.metrics.parts.path_counts import ENDED, JOIN
from engagement_cli.metrics.parts.period_rows import Word, flagged, interval
from engagement_cli.results import Measure
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import State

ARROW = " → "
EXIT, START = "(exit)", "(start)"
MEASURES = (
    Measure("count", "count", n="of_customers"),
    Measure("share", "share", "count", "occurrences", "of_customers", "ci_low", "ci_high"),
    Measure("median_seconds", "seconds", n="customers"),
)
NUMBERS = ("count", "share", "ci_low", "ci_high", "occurrences", "customers", "median_seconds")
_ENDS = 10  # the most common ones tell where people leave
_KEYS = ["segments", "period", "event"]
_KEYS_OF_PATHS = ["segments", "period", "path"]


def path_rows(state: State, clock: Clock, every: Grain, top: int | None, *, back: bool, once: bool) -> pl.DataFrame:
    """A row a segment, period and path: `path`, `event`, `next_event`, `NUMBERS`, the period, `complete`, `flags`.

    Of the `top` paths of everybody over the whole range, the most common first, every segment and period has a row;
    with None, every path that was taken has one where it was. `once`: each customer brings one path or none.
    """
    ranked = path_totals(state["paths"].frame()).select("path", "event").with_row_index("rank")
    ranked = ranked if top is None else ranked.head(top)
    paths = state["paths"].frame().with_columns(period=pl.col("period").cast(pl.Int32))
    periods = period_table(clock, every)
    if top is None:
        table = paths.select("segments", "period", "path").join(ranked, on="path")
    else:
        segments = pl.concat([pl.DataFrame({"segments": [""]}), paths.select("segments")]).unique()
        table = segments.join(periods.select("period"), how="cross").join(ranked, how="cross")
    out_of = (
        state["occurrences"]
        .frame()
        .rename({"count": "occurrences", "customers": "of_customers", "squares": "out_of_squares"})
    )
    table = table.join(periods, on="period").join(out_of, on=_KEYS, how="left")
    table = table.join(paths, on=[*_KEYS, "path"], how="left").with_columns(pl.col(pl.Int128).fill_null(0))
    groups, middle = quantile(state["durations"], "value", "count", 0.5, _KEYS_OF_PATHS)
    lasting = groups.frame(_KEYS_OF_PATHS).with_columns(median_seconds=pl.Series(middle / clock.ticks_per_second))
    table = table.join(lasting, on=_KEYS_OF_PATHS, how="left").sort("segments", "period", "rank")
    nodes = pl.col("path").str.split(JOIN)
    last = nodes.list.last()
    return table.with_columns(
        pl.col("count", "occurrences", "customers", "of_customers", "open").cast(pl.Int64),
        *(pl.Series(end, each, nan_to_null=True) for end, each in interval(_interval(table, once=once)).items()),
        _flags(table, clock),
        share=_divided("count", "occurrences"),
        path=nodes.list.join(ARROW).str.replace_all(ENDED, START if back else EXIT, literal=True),
        next_event=pl.when(last == ENDED).then(pl.lit(EXIT)).otherwise(last),
    ).select(
        "segments", "period_start", "period_end", "path", "event", "next_event", *NUMBERS, "of_customers", "open",
        "complete", "flags",
    )  # fmt: skip


def path_totals(paths: pl.DataFrame) -> pl.DataFrame:
    """`path`, `event` and `count` of everybody over the whole range, the most common first, equals by their text."""
    whole = paths.filter(pl.col("segments") == "").group_by("path", "event").agg(pl.col("count").sum())
    return whole.sort("count", "path", descending=[True, False])


def _flags(table: pl.DataFrame, clock: Clock) -> pl.Series:
    said: dict[Word, Flags] = {
        "provisional": (table["open"] > 0).to_numpy(),
        "no_times": np.full(table.height, clock.date_only),
        "unreliable": ~table["reliable"].to_numpy(),
    }
    return flagged(table.height, table["of_customers"].cast(pl.Float64).to_numpy(), said)


def _divided(numerator: str, denominator: str) -> pl.Expr:
    """numerator ÷ denominator as Float64, null where the denominator is zero."""
    low = pl.col(denominator).cast(pl.Float64)
    return pl.when(low != 0).then(pl.col(numerator).cast(pl.Float64) / low)


def _floats(table: pl.DataFrame, *columns: str) -> list[Floats]:
    return [table[name].cast(pl.Float64).to_numpy() for name in columns]


def _interval(table: pl.DataFrame, *, once: bool) -> tuple[Floats, Floats]:
    if once:
        return wilson(*_floats(table, "count", "occurrences"))
    sums = _floats(table, "count", "occurrences", "squares", "out_of_squares", "product", "of_customers")
    low, high = clustered_ratio(*sums)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def ends(state: State, *, back: bool, anchored: bool) -> list[dict[str, Any]]:
    """Where people leave (back: where they come in): the last event before the end, of everybody over the range.

    `occurrences` are those of the event, or where paths are all of one event, of that one; `exit_rate` = exits ÷
    occurrences, `exit_share` = exits ÷ all exits (back: `start_rate`, `start_share`).
    """
    word = "starts" if back else "exits"
    nodes = pl.col("path").str.split(JOIN)
    ended = nodes.list.first() == ENDED if back else nodes.list.last() == ENDED
    at = nodes.list.get(1) if back else nodes.list.get(-2)
    paths = state["paths"].frame().filter(pl.col("segments") == "", pl.col("path").str.contains(ENDED, literal=True))
    found = paths.filter(ended).group_by(at.alias("event")).agg(pl.col("count").sum().alias(word))
    counted = state["occurrences"].frame().filter(pl.col("segments") == "")
    if anchored:
        found = found.with_columns(occurrences=pl.lit(int(counted["count"].sum() or 0)).cast(pl.Int128))
    else:
        found = found.join(counted.group_by("event").agg(occurrences=pl.col("count").sum()), on="event")
    found = found.with_columns(
        _divided(word, "occurrences").alias(f"{word[:-1]}_rate"),
        (pl.col(word).cast(pl.Float64) / pl.col(word).sum().cast(pl.Float64)).alias(f"{word[:-1]}_share"),
    ).sort(word, "event", descending=[True, False])
    return found.head(_ENDS).with_columns(pl.col(word, "occurrences").cast(pl.Int64)).to_dicts()
