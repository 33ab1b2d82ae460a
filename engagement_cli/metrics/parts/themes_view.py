"""The view of themes: a row a segment, period and theme, from what customers' comments add up to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import clustered_ratio, wilson
from engagement_cli.metrics.parts.grid import Grid
from engagement_cli.metrics.parts.period_rows import PeriodRows, by_period, flags, interval, quotient
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.cells import Cells
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
    written = by_period(state["comments"], clock, every)
    about = _about(state["themes"], shown, written.grid)
    grid = about.grid
    y, yy, n = (np.repeat(each, len(shown)) for each in written.floats("y", "yy", "n"))
    x, xx, xy = about.floats("x", "xx", "xy")
    once = y == n
    (least, most), (low, high) = wilson(x, y), clustered_ratio(x, y, xx, yy, xy, n)
    low, high = np.where(once, least, np.clip(low, 0, 1)), np.where(once, most, np.clip(high, 0, 1))
    classes = {name: about.whole(name) for name in _CLASSES}
    rated = sum(classes.values(), start=np.zeros(len(grid), np.int64))
    nothing = np.full(len(grid), np.nan)
    felt, (respondents, all_comments) = about.whole("felt"), (np.repeat(written.whole(c), len(shown)) for c in "ny")
    columns = {
        "theme": pl.Series("theme", [*shown] * (len(grid) // max(len(shown), 1)), dtype=pl.String),
        "comments": about.whole("x"),
        "share": quotient(x, y),
        **interval((low, high)),
        "customers": about.whole("customers"),
        **classes,
        "all_comments": all_comments,
        "respondents": respondents,
        "mean_score": quotient(about.number("score"), about.number("scored"), MICRO) if scored else nothing,
        "nps": quotient(100.0 * (classes["promoters"] - classes["detractors"]), rated) if promoted else nothing,
        "mean_sentiment": quotient(about.number("sentiment"), felt, MICRO),
        # Days without events make no period unreliable here.
        "flags": flags(grid, respondents, unreliable=np.zeros(len(grid), np.bool_)),
    }
    possible = {
        Measure("mean_score", "score"): scored,
        Measure("nps", "points", n="customers"): promoted,
        Measure("mean_sentiment", "number"): bool((felt > 0).any()),
    }
    scores = tuple(measure for measure, known in possible.items() if known)
    counts = (Measure("comments", "count"), Measure("customers", "count"))
    share = Measure("share", "share", "comments", "all_comments", "respondents", "ci_low", "ci_high")
    said = ("comments", "share", "ci_low", "ci_high", "customers", *(m.column for m in scores))
    return View(
        table=grid.table(columns),
        measures=(share, *counts, *scores),
        columns=(*_FIRST, *said, "all_comments", "complete"),
        step_column="theme",
        semantics=semantics,
        leads="first",
    )


def _about(themes: Cells, shown: Sequence[str], grid: Grid) -> PeriodRows:
    """Comments about a theme in the rows of a grid, of which each is there once a theme shown."""
    place = {theme: i for i, theme in enumerate(shown)}
    texts = themes.texts[[*themes.schema].index("theme")] or ()
    theme = np.array([place.get(str(text), -1) for text in texts], np.int64)[themes.numbers("theme")]
    row = grid.rows(themes)
    there = np.where((row >= 0) & (theme >= 0), row * len(shown) + theme, -1)
    return PeriodRows(grid.take(np.repeat(np.arange(len(grid)), len(shown))), themes, there)
