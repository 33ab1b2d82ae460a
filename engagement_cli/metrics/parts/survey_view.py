"""The views of survey measures: shares, means and their intervals from summed answers."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import Z, clustered_ratio, wilson
from engagement_cli.metrics.parts.period_rows import by_period, divided, flags, floats, quotient, with_interval
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.state import State

_FIRST = ("period_start", "period_end", "segments")
_MOMENTS = ("x", "y", "xx", "yy", "xy", "n")


def nps_view(state: State, every: Grain, clock: Clock, semantics: str, *, clustered: bool) -> View:
    """Net promoter score in points from −100 to 100, with its standard error, by segment and period.

    Where all answers are of one class, nothing is known of the error.
    """
    table = _joined(state, every, clock)
    counts = ("promoters", "passives", "detractors")
    table = table.with_columns(pl.col(counts).cast(pl.Int64), n=pl.col("y").cast(pl.Int64))
    table = table.with_columns(net=pl.col("promoters") - pl.col("detractors"))
    table = table.with_columns(nps=100 * divided("net", "n"))
    if clustered:
        low, high = (100 * end for end in clustered_ratio(*floats(table, *(f"_{c}" for c in _MOMENTS))))
        error = (high - low) / (2 * Z)
    else:
        promoters, detractors, n = floats(table, "promoters", "detractors", "n")
        with np.errstate(divide="ignore", invalid="ignore"):
            p, d = promoters / n, detractors / n
            error = 100 * np.sqrt((p + d - (p - d) ** 2) / n)
            alike = np.maximum(np.maximum(promoters, detractors), n - promoters - detractors) == n
            error = np.where(alike, np.nan, error)
            low, high = 100 * (p - d) - Z * error, 100 * (p - d) + Z * error
    table = with_interval(table, (low, high)).with_columns(standard_error=pl.Series(error).fill_nan(None))
    return View(
        table=_flagged(table),
        measures=(Measure("nps", "points", "net", "n", "n", "ci_low", "ci_high"),),
        columns=(*_FIRST, "nps", "ci_low", "ci_high", *counts, "n", "complete"),
        semantics=f"100 × (promoters − detractors) ÷ answers, {semantics}",
        totals=_rejected(table),
    )


def score_view(measure: str, state: State, every: Grain, clock: Clock, semantics: str, *, clustered: bool) -> View:
    """Share of satisfied answers (csat) and mean answer, by segment and period."""
    table = _joined(state, every, clock)
    low, high = clustered_ratio(*floats(table, *(f"_{c}" for c in _MOMENTS)))
    mean = "mean" if measure == "csat" else measure
    ends = ("mean_low", "mean_high") if measure == "csat" else ("ci_low", "ci_high")
    table = table.with_columns(quotient(table, "_x", "_y", MICRO).alias(mean), n=pl.col("y").cast(pl.Int64))
    table = with_interval(table, (low / MICRO, high / MICRO), *ends).with_columns(pl.col("rejected").cast(pl.Int64))
    of_mean = Measure(mean, "score", n="n", ci_low=ends[0], ci_high=ends[1])
    if measure != "csat":
        columns = (*_FIRST, mean, "ci_low", "ci_high", "n", "rejected", "complete")
        text = f"mean answer, {semantics}"
        return View(_flagged(table), (of_mean,), columns, semantics=text, totals=_rejected(table))
    table = table.with_columns(pl.col("satisfied").cast(pl.Int64)).with_columns(csat=divided("satisfied", "n"))
    if clustered:
        moments = by_period(state["satisfied"].frame(), clock, every)
        interval = clustered_ratio(*floats(moments, *_MOMENTS))
    else:
        interval = wilson(*floats(table, "satisfied", "n"))
    table = with_interval(table, interval)
    return View(
        table=_flagged(table),
        measures=(Measure("csat", "share", "satisfied", "n", "n", "ci_low", "ci_high"), of_mean),
        columns=(*_FIRST, "csat", "ci_low", "ci_high", "satisfied", "n", "mean", *ends, "rejected", "complete"),
        semantics=f"satisfied answers ÷ answers, and the mean, {semantics}",
        totals=_rejected(table),
    )


def _joined(state: State, every: Grain, clock: Clock) -> pl.DataFrame:
    """Classes with the moments of the scores beside them; days without events make no period unreliable here."""
    table = by_period(state["classes"].frame(), clock, every).drop("reliable")
    scores = state["scores"].frame().select("segments", "period", *(pl.col(c).alias(f"_{c}") for c in _MOMENTS))
    table = table.join(scores, on=["segments", "period"], how="left", maintain_order="left")
    filled = [pl.col(f"_{c}").fill_null(0) for c in _MOMENTS]
    return table.with_columns(filled).with_columns(y=pl.col("_y"), respondents=pl.col("_n").cast(pl.Int64))


def _flagged(table: pl.DataFrame) -> pl.DataFrame:
    rejected = pl.when(pl.col("rejected") > 0).then(pl.lit("rejected"))
    drop = ["y", *(f"_{c}" for c in _MOMENTS)]
    return flags(table, "respondents", [rejected]).with_columns(pl.col("rejected").cast(pl.Int64)).drop(drop)


def _rejected(table: pl.DataFrame) -> dict[str, int]:
    return {"rejected": int(table.filter(pl.col("segments") == "")["rejected"].sum())}
