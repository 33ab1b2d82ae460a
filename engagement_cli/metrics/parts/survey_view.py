"""The views of survey measures: shares, means and their intervals from summed answers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import Floats, Z, clustered_ratio, wilson
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.per_customer import MOMENTS
from engagement_cli.metrics.parts.period_rows import PeriodRows, by_period, flags, interval, on_grid, quotient
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.state import State

_FIRST = ("period_start", "period_end", "segments")
_CLASSES = ("promoters", "passives", "detractors")


def nps_view(state: State, every: Grain, clock: Clock, semantics: str, *, clustered: bool) -> View:
    """Net promoter score in points from −100 to 100, with its standard error, by segment and period.

    Where all answers are of one class, nothing is known of the error.
    """
    rows = by_period(state["classes"], clock, every)
    scores = on_grid(state["scores"], rows.grid)
    counts = {name: rows.whole(name) for name in _CLASSES}
    net, n = counts["promoters"] - counts["detractors"], scores.whole("y")
    low, high, error = _of_net(scores) if clustered else _of_shares(rows, n)
    numbers: dict[str, ViewColumn] = {
        "nps": 100 * quotient(net, n),
        **interval((low, high)),
        **counts,
        "n": n,
        "net": net,
        "standard_error": error,
    }
    return View(
        table=_table(rows, scores, numbers),
        measures=(Measure("nps", "points", "net", "n", "n", "ci_low", "ci_high"),),
        columns=(*_FIRST, "nps", "ci_low", "ci_high", *_CLASSES, "n", "complete"),
        semantics=f"100 × (promoters − detractors) ÷ answers, {semantics}",
        totals=_rejected(rows),
    )


def _of_net(scores: PeriodRows) -> tuple[Floats, Floats, Floats]:
    """The interval in points and the standard error, where customers answer often."""
    low, high = (100 * end for end in clustered_ratio(*scores.floats(*MOMENTS.values)))
    return low, high, (high - low) / (2 * Z)


def _of_shares(rows: PeriodRows, answers: Int64s) -> tuple[Floats, Floats, Floats]:
    """The same where each customer answers once."""
    promoters, detractors = rows.floats("promoters", "detractors")
    n = answers.astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        p, d = promoters / n, detractors / n
        error = 100 * np.sqrt((p + d - (p - d) ** 2) / n)
        alike = np.maximum(np.maximum(promoters, detractors), n - promoters - detractors) == n
        error = np.where(alike, np.nan, error)
        return 100 * (p - d) - Z * error, 100 * (p - d) + Z * error, error


def score_view(measure: str, state: State, every: Grain, clock: Clock, semantics: str, *, clustered: bool) -> View:
    """Share of satisfied answers (csat) and mean answer, by segment and period."""
    rows = by_period(state["classes"], clock, every)
    scores = on_grid(state["scores"], rows.grid)
    x, y, *_ = sums = scores.floats(*MOMENTS.values)
    low, high = clustered_ratio(*sums)
    mean = "mean" if measure == "csat" else measure
    ends = ("mean_low", "mean_high") if measure == "csat" else ("ci_low", "ci_high")
    n = scores.whole("y")
    numbers: dict[str, ViewColumn] = {mean: quotient(x, y, MICRO), "n": n}
    numbers |= interval((low / MICRO, high / MICRO), *ends)
    of_mean = Measure(mean, "score", n="n", ci_low=ends[0], ci_high=ends[1])
    if measure != "csat":
        columns = (*_FIRST, mean, "ci_low", "ci_high", "n", "rejected", "complete")
        text = f"mean answer, {semantics}"
        return View(_table(rows, scores, numbers), (of_mean,), columns, semantics=text, totals=_rejected(rows))
    satisfied = rows.whole("satisfied")
    numbers |= {"satisfied": satisfied, "csat": quotient(satisfied, n)}
    if clustered:
        numbers |= interval(clustered_ratio(*on_grid(state["satisfied"], rows.grid).floats(*MOMENTS.values)))
    else:
        numbers |= interval(wilson(rows.number("satisfied"), y))
    return View(
        table=_table(rows, scores, numbers),
        measures=(Measure("csat", "share", "satisfied", "n", "n", "ci_low", "ci_high"), of_mean),
        columns=(*_FIRST, "csat", "ci_low", "ci_high", "satisfied", "n", "mean", *ends, "rejected", "complete"),
        semantics=f"satisfied answers ÷ answers, and the mean, {semantics}",
        totals=_rejected(rows),
    )


def _table(rows: PeriodRows, scores: PeriodRows, numbers: Mapping[str, ViewColumn]) -> pl.DataFrame:
    """The numbers with the answers that were rejected; days without events make no period unreliable here."""
    rejected, respondents = rows.whole("rejected"), scores.whole("n")
    nowhere = np.zeros(len(rows.grid), np.bool_)
    said = flags(rows.grid, respondents, {"rejected": rejected > 0}, unreliable=nowhere)
    return rows.grid.table({**numbers, "respondents": respondents, "rejected": rejected, "flags": said})


def _rejected(rows: PeriodRows) -> dict[str, int]:
    return {"rejected": int(rows.whole("rejected")[rows.grid.segment == 0].sum())}
