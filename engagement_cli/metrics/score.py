"""Engagement score of the customers: mean, median and positive share of the raw score, and the share in each band.

What: the raw engagement score over the window that ends with each period (with the one under way, and with
    `every: total`, at `as_of`), of everyone known by then from any source; the silent score 0. Not to be confused with
    the customer *effort* score, which is a survey.
Formula: raw = Σ weight × min(count, cap) over the configured events, with half-life × 2^(−age ÷ half-life) each;
    mean, median, share above 0; band = by the scaled score, against the window's own customers or the frozen reference.
Reads: events with their weights; `score:` (window, half_life, count, scale, reference, bands, default_weight).
Parameters: where, every, by (columns of customers, or of subscriptions as of the period's start).
Example:
    >>> from engagement_cli.metrics.score import Parameters
    >>> str(Parameters.model_validate({"type": "score"}).every)
    'month'

Source: this program's definitions. A percentile averages 50 whatever happens: compare over time with the raw score,
    or give a `reference` date. Wilson's interval for the positive share, the normal one for the mean, none for bands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import mean_interval, wilson
from engagement_cli.kernels.runs import run_of_row
from engagement_cli.metrics.parts.grid import Grid
from engagement_cli.metrics.parts.period_rows import by_period, flags, interval, quotient, summed
from engagement_cli.metrics.parts.score_bands import band_counts
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import format_duration
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import State, StateTable
from engagement_cli.timeline.weights import known_from, raw_scores, report_end, weight_needs, window_before

_SCORES = 1 << 20  # customers × periods held at a time
STATE = {
    "runs": StateTable({**SEGMENT_AND_PERIOD, "value": pl.Int64}, {"count": "sum"}),
    "reference": StateTable({"value": pl.Int64}, {"count": "sum"}),
}
_SUMS = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(("customers", "positive", "total", "squares"), "sum"))


class Parameters(MetricParameters):
    """The engagement score is configured under `score:` and `events:`; an entry only says when and of whom."""

    type: Literal["score"]


def needs(p: Parameters, settings: Settings) -> Needs:
    """All configured events."""
    return weight_needs(settings, p.where, p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """How many customers have which raw score, by segment and period."""
    clock = bucket.clock
    shown = clock.shown(clock.periods(p.every))
    at_once = max(_SCORES // max(bucket.customers, 1), 1)
    parts = [_runs(p, bucket, shown[first : first + at_once]) for first in range(0, len(shown), at_once)]
    state = {"runs": STATE["runs"].merge(parts)}
    if bucket.settings.score.reference is not None:
        end = clock.instant(bucket.settings.score.reference)
        raw = _scores(p, bucket, [end])[0][known_from(bucket) < end]
        state["reference"] = STATE["reference"].of({"value": raw, "count": 1})
    return state


def _runs(p: Parameters, bucket: Bucket, shown: Sequence[int]) -> Cells:
    """The raw scores in some periods of those known by their ends, by segment."""
    ends = [_end(p, bucket.clock, period) for period in shown]
    raw = _scores(p, bucket, ends)
    known = [np.flatnonzero(known_from(bucket) < end) for end in ends]
    value = np.concatenate([scores[whose] for scores, whose in zip(raw, known, strict=True)])
    period = np.repeat(np.array(shown, np.int32), [len(whose) for whose in known])
    customer, table = np.concatenate(known).astype(np.uint32), bucket.clock.periods(p.every)
    parts = []
    for grouping in groupings(bucket, p.by):
        segments = grouping.labels(grouping.customers_in(customer, table, period))
        parts.append(STATE["runs"].of({"segments": segments, "period": period, "value": value, "count": 1}))
    return STATE["runs"].merge(parts)


def _end(p: Parameters, clock: Clock, period: int) -> int:
    """Where a period's window ends: with the period, or at the report's end where that comes first."""
    end = report_end(clock)
    return end if p.every.unit == "total" else min(end, int(clock.periods(p.every).bounds[period + 1]))


def _scores(p: Parameters, bucket: Bucket, ends: Sequence[int]) -> Int64s:
    """The raw scores of all customers over the windows with these ends."""
    length = bucket.settings.score.window
    return raw_scores(bucket, [window_before(bucket.clock, end, length) for end in ends], p.where)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: mean, median, positive share, customers, and `share_<band>` for each band."""
    settings, runs = context.settings.score, state["runs"]
    group = run_of_row(runs.runs(2), len(runs))
    rows = by_period(_sums(runs, group), context.clock, p.every)
    grid, n, positive = rows.grid, rows.whole("customers"), rows.whole("positive")
    of_bands = band_counts(runs, group, state.get("reference") if settings.reference is not None else None, settings)
    in_band = {b: grid.spread(rows.rows, of_bands[:, i], 0) for i, b in enumerate(settings.bands)}
    total, squares, customers = rows.floats("total", "squares", "customers")
    low, high = mean_interval(total, squares, customers)
    columns = {
        "mean_raw": quotient(total, customers, MICRO),
        "median_raw": rows.spread(quantile(runs, "value", "count", 0.5, list(SEGMENT_AND_PERIOD))[1]) / MICRO,
        "share_positive": quotient(positive, n),
        **{f"share_{band}": quotient(number, n) for band, number in in_band.items()},
        "customers": n,
        "positive": positive,
        **{f"customers_{band}": number for band, number in in_band.items()},
        **interval((low / MICRO, high / MICRO)),
        **interval(wilson(*rows.floats("positive", "customers")), "positive_low", "positive_high"),
    }
    shares = tuple(f"share_{band}" for band in in_band)
    against = f"the reference of {settings.reference}" if settings.reference is not None else "each window's customers"
    return View(
        table=grid.table({**columns, "flags": flags(grid, n, {"short_window": _is_short(p, grid, context)})}),
        measures=(
            Measure("mean_raw", "score", n="customers", ci_low="ci_low", ci_high="ci_high"),
            Measure("median_raw", "score", n="customers"),
            Measure("share_positive", "share", "positive", "customers", "customers", "positive_low", "positive_high"),
            *(Measure(f"share_{b}", "share", f"customers_{b}", "customers", "customers") for b in in_band),
        ),
        columns=(
            "period_start",
            "period_end",
            "segments",
            "mean_raw",
            "median_raw",
            "share_positive",
            *shares,
            "customers",
            "complete",
        ),
        semantics=f"engagement score, raw, over {format_duration(settings.window)} up to the end of each {p.every}; "
        f"bands by {settings.scale} against {against}",
    )


def _sums(runs: Cells, group: Int64s) -> Cells:
    """By segment and period what the scores of customers add up to; squares need more than 64 bits."""
    counts, above = runs.numbers("count"), runs.numbers("value") > 0
    value, count = pl.col("value").cast(pl.Int128), pl.col("count")
    table = pl.DataFrame({"group": group, "value": runs.numbers("value"), "count": counts})
    sums = table.group_by("group", maintain_order=True).agg(
        total=(value * count).sum(), squares=(value * value * count).sum()
    )
    exact = {name: np.array(sums[name].to_list(), object) for name in ("total", "squares")}
    return summed(runs, _SUMS, {"customers": counts, "positive": counts * above}, exact)


def _is_short(p: Parameters, grid: Grid, context: Context) -> Flags:
    """Whose window begins before the first day of the data."""
    clock, first = context.clock, context.clock.floor_day(context.clock.first)
    length, shown = context.settings.score.window, range(grid.periods.first, grid.periods.first + len(grid.periods))
    short = [window_before(clock, _end(p, clock, period), length).begins < first for period in shown]
    return np.array(short, np.bool_)[grid.place]
