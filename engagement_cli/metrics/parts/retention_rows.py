"""A retention's counts as rows for people: every cell, the pooled mean of every period, the mean of the cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.kernels.intervals import clustered_ratio, wilson
from engagement_cli.metrics.parts.cohorts import Bracket
from engagement_cli.metrics.parts.period_rows import added, flags, floats, quotient, with_interval
from engagement_cli.timeline.state import State, StateTable

_SEGMENT_AND_BRACKET = {"segments": pl.String, "bracket": pl.Int32}
MOMENTS = ("x", "y", "xx", "yy", "xy", "customers")
STATE = {
    "cells": StateTable(
        {**_SEGMENT_AND_BRACKET, "cohort": pl.Int32},
        {"size": "sum", "eligible": "sum", "retained": "sum", "so_far": "sum"},
    ),
    "pooled": StateTable(_SEGMENT_AND_BRACKET, dict.fromkeys(MOMENTS, "sum")),
}


def cell_rows(
    state: State, grid: pl.DataFrame, brackets: Sequence[Bracket], *, elapsed: bool, provisional: bool
) -> pl.DataFrame:
    """A row a segment and cell of the grid (`Cohorts.cells`), with `number` and `bracket` for its bracket.

    What has not ended holds, by the calendar, who came back so far, without an interval; by the elapsed clock, the
    members whose own period has ended.
    """
    table = _segments(state).join(grid, how="cross", maintain_order="left_right")
    table = table.join(state["cells"].frame(), on=["segments", "cohort", "bracket"], how="left", maintain_order="left")
    so_far = ~pl.col("ended") & pl.lit(not elapsed)
    members = pl.when("begun").then("size").otherwise(0)
    table = table.with_columns(pl.col(pl.Int128).fill_null(0)).with_columns(
        pl.col("size").cast(pl.Int64).alias("cohort_size"),
        pl.when(so_far).then(members).otherwise("eligible").cast(pl.Int64).alias("eligible"),
        pl.when(so_far).then("so_far").otherwise("retained").cast(pl.Int64).alias("retained"),
        pl.col("ended").alias("complete"),
    )
    sure = table.with_columns(pl.when(~so_far).then("eligible").alias("eligible"))
    table = with_interval(table, wilson(*floats(sure, "retained", "eligible")))
    rate = quotient(table, "retained", "eligible").alias("rate")
    table = added(table, rate, table["eligible"].alias("customers"))
    named = _named(table, brackets, "cohort_size", provisional=provisional)
    return named.drop("size", "so_far", "ended", "begun", "reliable")


def pooled_rows(
    state: State, grid: pl.DataFrame, brackets: Sequence[Bracket], *, once: bool, provisional: bool
) -> pl.DataFrame:
    """The cells that have ended, of all cohorts together, by segment and period.

    With `once`, a customer is in one cohort alone: Wilson's interval; else the customers are clusters.
    """
    numbers = grid.group_by("bracket", "period", maintain_order=True).agg(pl.col("reliable").filter("ended").all())
    table = _segments(state).join(numbers, how="cross", maintain_order="left_right")
    table = table.join(state["pooled"].frame(), on=["segments", "bracket"], how="left", maintain_order="left")
    table = table.with_columns(pl.col(pl.Int128).fill_null(0)).with_columns(
        pl.col("x").cast(pl.Int64).alias("retained"),
        pl.col("y").cast(pl.Int64).alias("eligible"),
        pl.col("customers").cast(pl.Int64),
        (pl.col("y") > 0).alias("complete"),
    )
    if once:
        low, high = wilson(*floats(table, "retained", "eligible"))
    else:
        low, high = clustered_ratio(*floats(table, *MOMENTS))
    table = with_interval(table, (np.clip(low, 0, 1), np.clip(high, 0, 1)))
    table = added(table, quotient(table, "retained", "eligible").alias("rate"))
    named = _named(table, brackets, "customers", provisional=provisional)
    return named.drop("number", "x", "y", "xx", "yy", "xy", "reliable")


def mean_of_cohorts(table: pl.DataFrame) -> pl.DataFrame:
    """Every cohort weighs the same, whatever its size; cohorts without members have no rate."""
    counted = pl.col("rate").filter("complete")
    return table.group_by("segments", "number", "period", "bracket", maintain_order=True).agg(
        counted.count().cast(pl.Int64).alias("cohorts"), counted.mean().alias("mean_rate")
    )


def _segments(state: State) -> pl.DataFrame:
    everybody = pl.DataFrame({"segments": [""]})
    return pl.concat([everybody, state["cells"].frame().select("segments")]).unique().sort("segments")


def _named(table: pl.DataFrame, brackets: Sequence[Bracket], n: str, *, provisional: bool) -> pl.DataFrame:
    """Adds the bracket's text (its number becomes `number`) and the flags."""
    texts = [str(first) if first == last else f"{first}-{last}" for first, last in brackets]
    words = pl.DataFrame({"number": np.arange(len(brackets), dtype=np.int32), "bracket": texts})
    named = table.rename({"bracket": "number"}).join(words, on="number", how="left", maintain_order="left")
    return flags(named, n, [pl.when(pl.lit(provisional)).then(pl.lit("provisional"))])
