"""A retention's counts as rows for people: every cell, the pooled mean of every period, the mean of the cohorts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.intervals import clustered_ratio, wilson
from engagement_cli.metrics.parts.cohorts import Bracket, CohortCells
from engagement_cli.metrics.parts.grid import ViewColumn, segments_of, table
from engagement_cli.metrics.parts.period_rows import flagged, interval, quotient
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.numbering import named
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


def cell_rows(state: State, cells: CohortCells, *, elapsed: bool, provisional: bool) -> pl.DataFrame:
    """A row a segment and cell.

    What has not ended holds, by the calendar, who came back so far, without an interval; by the elapsed clock, the
    members whose own period has ended.
    """
    counted, names, many = state["cells"], segments_of(state["cells"]), len(cells.brackets)
    place = counted.numbers("cohort") - cells.first
    row = _places(counted, names) * len(cells) + place * many + counted.numbers("bracket")
    row = np.where((place >= 0) & (place * many < len(cells)), row, -1)
    found = {name: _spread(counted, name, row, len(names) * len(cells)) for name in STATE["cells"].values}
    ended, begun, reliable = (np.tile(each, len(names)) for each in (cells.ended, cells.begun, cells.reliable))
    so_far = ~ended & (not elapsed)
    eligible = np.where(so_far, np.where(begun, found["size"], 0), found["eligible"])
    retained = np.where(so_far, found["so_far"], found["retained"])
    sure = np.where(so_far, np.nan, eligible)
    cohort, bracket = np.divmod(np.tile(np.arange(len(cells)), len(names)), many)
    return table(
        {
            "segments": named(names, np.repeat(np.arange(len(names)), len(cells))),
            "cohort_start": named(cells.starts, cohort),
            **_bracket(cells.brackets, bracket),
            "cohort_size": found["size"],
            "eligible": eligible,
            "retained": retained,
            "rate": quotient(retained, eligible),
            **interval(wilson(retained.astype(np.float64), sure)),
            "customers": eligible,
            "complete": ended,
            "flags": _said(found["size"], reliable, provisional=provisional),
        }
    )


def pooled_rows(state: State, cells: CohortCells, *, once: bool, provisional: bool) -> pl.DataFrame:
    """The cells that have ended, of all cohorts together, by segment and period.

    With `once`, a customer is in one cohort alone: Wilson's interval; else the customers are clusters.
    """
    pooled, names, many = state["pooled"], segments_of(state["cells"]), len(cells.brackets)
    row = _places(pooled, names) * many + pooled.numbers("bracket")
    sums = [_spread(pooled, name, row, len(names) * many, np.float64) for name in MOMENTS]
    retained, eligible, customers = (_spread(pooled, name, row, len(names) * many) for name in ("x", "y", "customers"))
    low, high = wilson(*sums[:2]) if once else clustered_ratio(*sums)
    reliable = (cells.reliable | ~cells.ended).reshape(-1, many).all(axis=0)
    return table(
        {
            "segments": named(names, np.repeat(np.arange(len(names)), many)),
            **_bracket(cells.brackets, np.tile(np.arange(many), len(names))),
            "eligible": eligible,
            "retained": retained,
            "rate": quotient(retained, eligible),
            **interval((np.clip(low, 0, 1), np.clip(high, 0, 1))),
            "customers": customers,
            "complete": eligible > 0,
            "flags": _said(customers, np.tile(reliable, len(names)), provisional=provisional),
        }
    )


def mean_of_cohorts(rows: pl.DataFrame, brackets: int) -> pl.DataFrame:
    """Every cohort weighs the same, whatever its size; cohorts without members have no rate."""
    counted = pl.col("rate").filter("complete")
    number = pl.Series("number", np.arange(rows.height) % brackets)
    keys = ("segments", "number", "period", "bracket")
    return (
        rows[[*keys[:1], *keys[2:], "rate", "complete"]]
        .hstack([number])
        .group_by(keys, maintain_order=True)
        .agg(counted.count().cast(pl.Int64).alias("cohorts"), counted.mean().alias("mean_rate"))
    )


def _places(cells: Cells, names: tuple[str, ...]) -> Int64s:
    labels = cells.labels("segments")
    place = {name: i for i, name in enumerate(names)}
    return np.array([place.get(text, -1) for text in labels.texts], np.int64)[labels.codes]


def _spread(cells: Cells, name: str, row: Int64s, rows: int, dtype: type[np.number[Any]] = np.int64) -> NDArray[Any]:
    """A sum of each cell in its row; 0 in all others."""
    found, there = np.zeros(rows, dtype), row >= 0
    found[row[there]] = cells.value(name)[there]
    return found


def _bracket(brackets: Sequence[Bracket], which: Int64s) -> dict[str, ViewColumn]:
    texts = tuple(str(first) if first == last else f"{first}-{last}" for first, last in brackets)
    return {"period": np.array([first for first, _ in brackets])[which], "bracket": named(texts, which)}


def _said(n: Int64s, reliable: Flags, *, provisional: bool) -> pl.Series:
    return flagged(len(n), n, {"provisional": np.full(len(n), provisional), "unreliable": ~reliable})
