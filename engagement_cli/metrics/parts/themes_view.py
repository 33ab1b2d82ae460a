"""The view of themes: a row a segment, period and theme, from what customers' comments add up to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import clustered_ratio, wilson
from engagement_cli.metrics.parts.period_rows import by_period, divided, flags, floats, quotient, with_interval
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.state import State

OTHER = "(other)"
_FIRST = ("period_start", "period_end", "segments", "theme")
_CLASSES = ("promoters", "passives", "detractors")


def most_frequent(themes: pl.DataFrame, most: int | None) -> list[str]:
    """Themes by comments of everybody over the whole range, the most frequent first, `OTHER` last.

    With `most`, no more than so many, and no word that occurs only inside a pair of words, which says it already.
    """
    whole = themes.filter(pl.col("segments") == "").group_by("theme").agg(pl.col("x").sum())
    ordered = whole.sort(pl.col("theme") == OTHER, "x", "theme", descending=[False, True, False])
    if most is None:
        return ordered["theme"].to_list()
    inside = ordered.filter(pl.col("theme").str.contains(" ", literal=True)).select(
        pl.col("theme").str.split(" ").alias("word"), "x"
    )
    said = inside.explode("word").unique()
    kept = ordered.join(said, left_on=["theme", "x"], right_on=["word", "x"], how="anti", maintain_order="left")
    return kept["theme"].head(most).to_list()


def themes_view(
    state: State, shown: Sequence[str], every: Grain, clock: Clock, semantics: str, *, scored: bool, promoted: bool
) -> View:
    """Every theme shown, in every period and segment; none of its comments is a row of zeros.

    `scored`: all answers are of one kind of survey, so that their scores can be averaged; `promoted`: on 0 to 10.
    """
    table = _joined(state, shown, every, clock)
    x, y, xx, yy, xy, n = floats(table, "x", "y", "xx", "yy", "xy", "n")
    once = y == n
    (least, most), (low, high) = wilson(x, y), clustered_ratio(x, y, xx, yy, xy, n)
    low, high = np.where(once, least, np.clip(low, 0, 1)), np.where(once, most, np.clip(high, 0, 1))
    table = with_interval(table.with_columns(share=divided("x", "y")), (low, high))
    rated = pl.sum_horizontal(*_CLASSES)
    table = table.with_columns(
        pl.col("customers", *_CLASSES).cast(pl.Int64),
        comments=pl.col("x").cast(pl.Int64),
        all_comments=pl.col("y").cast(pl.Int64),
        respondents=pl.col("n").cast(pl.Int64),
        mean_score=quotient(table, "score", "scored", MICRO) if scored else pl.lit(None, pl.Float64),
        nps=pl.when(pl.lit(promoted) & (rated > 0)).then(
            100 * (pl.col("promoters") - pl.col("detractors")).cast(pl.Float64) / rated.cast(pl.Float64)
        ),
        mean_sentiment=quotient(table, "sentiment", "felt", MICRO),
    )
    felt = bool((table["felt"] > 0).any())
    table = flags(table, "respondents").drop("x", "y", "xx", "yy", "xy", "n", "score", "scored", "sentiment", "felt")
    possible = {
        Measure("mean_score", "score"): scored,
        Measure("nps", "points", n="customers"): promoted,
        Measure("mean_sentiment", "number"): felt,
    }
    scores = tuple(measure for measure, known in possible.items() if known)
    counts = (Measure("comments", "count"), Measure("customers", "count"))
    share = Measure("share", "share", "comments", "all_comments", "respondents", "ci_low", "ci_high")
    said = ("comments", "share", "ci_low", "ci_high", "customers", *(m.column for m in scores))
    return View(
        table=table,
        measures=(share, *counts, *scores),
        columns=(*_FIRST, *said, "all_comments", "complete"),
        step_column="theme",
        semantics=semantics,
        leads="first",
    )


def _joined(state: State, shown: Sequence[str], every: Grain, clock: Clock) -> pl.DataFrame:
    """The grid of segments, periods and themes; days without events make no period unreliable here."""
    grid = by_period(state["comments"].frame(), clock, every).drop("reliable")
    ranked = pl.DataFrame({"theme": list(shown)}, schema={"theme": pl.String})
    grid = grid.join(ranked, how="cross", maintain_order="left_right")
    keys = ["segments", "period", "theme"]
    table = grid.join(state["themes"].frame(), on=keys, how="left", maintain_order="left")
    return table.with_columns(pl.col(pl.Int128).fill_null(0))
