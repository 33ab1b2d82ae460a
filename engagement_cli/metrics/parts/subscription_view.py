"""The views of subscription measures: from summed states to the columns that people read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import clustered_ratio, wilson
from engagement_cli.metrics.parts.per_customer import MOMENTS
from engagement_cli.metrics.parts.period_rows import PeriodRows, by_period, flags, interval, on_grid, quotient
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.state import State

_FIRST = ("period_start", "period_end", "segments")
_MOVEMENTS = ("start", "new", "reactivation", "expansion", "contraction", "churn", "moved")
_Columns = dict[str, NDArray[Any]]
_Parts = tuple[_Columns, tuple[Measure, ...], tuple[str, ...]]


def view_of(
    measure: str,
    state: State,
    every: Grain,
    context: Context,
    semantics: str,
    *,
    known: bool,
    divided: bool,
    amounts: tuple[int, int],
) -> View:
    """The view of one measure; where no amount is `known`, money is null and flagged `no_amounts`.

    `divided`: what moved between segments is shown as well; `amounts` are the rows with an amount and those without.
    """
    name = {"mrr": "movements", "trial_conversion_rate": "trials"}.get(measure, "moments")
    name = "customers" if measure in ("retention_rate", "churn_rate", "net_growth_rate") else name
    rows = by_period(state[name], context.clock, every)
    match measure:
        case "retention_rate" | "churn_rate":
            columns, measures, shown = _share_of_start(measure, rows)
            if measure == "churn_rate" and amounts[0]:
                columns, measures, shown = _with_money(on_grid(state["moments"], rows.grid), (columns, measures, shown))
        case "net_growth_rate":
            columns, measures, shown = _net_growth(rows)
        case "trial_conversion_rate":
            columns, measures, shown = _trial_conversion(rows)
        case "mrr":
            columns, measures, shown = _mrr(rows, context.money)
        case "arpu":
            columns, measures, shown = _of_moments(rows, "arpu", context.money, ("mrr", "customers"), (MICRO, 1))
        case "renewal_rate":
            columns, measures, shown = _of_moments(rows, measure, "share", ("renewed", "due"), (1, 1))
        case _:
            columns, measures, shown = _of_moments(rows, measure, "ratio", ("kept_mrr", "start_mrr"), (MICRO, MICRO))
    if not known:
        numbers = [c for m in measures for c in (m.column, m.ci_low, m.ci_high) if c is not None]
        numbers += [c for c in (*_MOVEMENTS, "mrr", "kept_mrr", "start_mrr") if c in columns]
        columns |= {name: np.full(len(rows.grid), np.nan) for name in numbers}
    n = next((columns[m.n] for m in measures if m.n is not None), None)
    # Days without events say nothing about subscriptions: they make no period unreliable.
    nowhere = np.zeros(len(rows.grid), np.bool_)
    said = flags(rows.grid, n, {} if known else {"no_amounts": ~nowhere}, unreliable=nowhere)
    of_money = measure in ("mrr", "arpu", "nrr", "grr")
    return View(
        table=rows.grid.table({**columns, "flags": said}),
        measures=measures,
        columns=(*_FIRST, *(c for c in shown if divided or c != "moved"), "complete"),
        semantics=semantics,
        totals={"subscriptions_without_amount": amounts[1]} if of_money and known and amounts[1] else {},
    )


def _share_of_start(measure: str, rows: PeriodRows) -> _Parts:
    columns = _with_lost_and_joined(rows)
    counted = "kept" if measure == "retention_rate" else "lost"
    columns[measure] = quotient(columns[counted], columns["start"])
    columns |= interval(wilson(columns[counted].astype(np.float64), columns["start"].astype(np.float64)))
    shown = (measure, "ci_low", "ci_high", "start", "kept", "lost", "joined", "moved", "end")
    return columns, (Measure(measure, "share", counted, "start", "start", "ci_low", "ci_high"),), shown


def _with_lost_and_joined(rows: PeriodRows) -> _Columns:
    """start − lost + joined + moved = end, in every segment."""
    columns = {name: rows.whole(name) for name in ("start", "kept", "end", "moved")}
    kept = columns["kept"]
    return {**columns, "lost": columns["start"] - kept, "joined": columns["end"] - kept - columns["moved"]}


def _with_money(moments: PeriodRows, parts: _Parts) -> _Parts:
    """Churn of money beside that of customers: start MRR of those who pay nothing at the end, of all start MRR."""
    columns, measures, shown = parts
    x, y, *_ = sums = moments.floats(*MOMENTS.values)
    low, high = (np.clip(end, 0, 1) for end in clustered_ratio(*sums))
    columns |= {"lost_mrr": x / MICRO, "start_mrr": y / MICRO, "mrr_churn_rate": quotient(x, y)}
    columns |= interval((low, high), "mrr_churn_low", "mrr_churn_high")
    rate = Measure("mrr_churn_rate", "share", "lost_mrr", "start_mrr", "start", "mrr_churn_low", "mrr_churn_high")
    said = ("mrr_churn_rate", "mrr_churn_low", "mrr_churn_high", "lost_mrr", "start_mrr")
    return columns, (*measures, rate), (*shown, *said)


def _net_growth(rows: PeriodRows) -> _Parts:
    columns = _with_lost_and_joined(rows)
    columns["growth"] = columns["end"] - columns["start"]
    columns["net_growth_rate"] = quotient(columns["growth"], columns["start"])
    shown = ("net_growth_rate", "start", "joined", "lost", "moved", "end")
    return columns, (Measure("net_growth_rate", "ratio", "growth", "start", "start"),), shown


def _trial_conversion(rows: PeriodRows) -> _Parts:
    name = "trial_conversion_rate"
    converted, trials = rows.floats("converted", "trials")
    columns: _Columns = {side: rows.whole(side) for side in ("converted", "trials")}
    columns |= {name: quotient(converted, trials), **interval(wilson(converted, trials))}
    measure = Measure(name, "share", "converted", "trials", "trials", "ci_low", "ci_high")
    return columns, (measure,), (name, "ci_low", "ci_high", "converted", "trials")


def _mrr(rows: PeriodRows, money: str) -> _Parts:
    amounts = dict(zip((*_MOVEMENTS, "mrr"), rows.floats(*_MOVEMENTS, "end"), strict=True))
    columns: _Columns = {name: amount / MICRO for name, amount in amounts.items()}
    measures = tuple(Measure(name, money) for name in ("mrr", *_MOVEMENTS[1:]))
    return {**columns, "customers": rows.whole("customers")}, measures, ("mrr", *_MOVEMENTS, "customers")


def _of_moments(rows: PeriodRows, name: str, unit: str, sides: tuple[str, str], scales: tuple[int, int]) -> _Parts:
    """A ratio of sums with its customer-clustered interval; sides are named and scaled for people."""
    scale = scales[0] // scales[1]
    x, y, *_, n = sums = rows.floats(*MOMENTS.values)
    low, high = clustered_ratio(*sums)
    if unit == "share":  # Wilson's where no customer is below the line twice
        once, (least, most) = y == n, wilson(x, y)
        low, high = np.where(once, least, np.clip(low, 0, 1)), np.where(once, most, np.clip(high, 0, 1))
    columns: _Columns = {
        side: rows.whole(column) if by == 1 else total / by
        for column, total, side, by in zip(("x", "y"), (x, y), sides, scales, strict=True)
    }
    columns |= {name: quotient(x, y, scale), "n": rows.whole("n"), **interval((low / scale, high / scale))}
    measure = Measure(name, unit, sides[0], sides[1], "n", "ci_low", "ci_high")
    shown = (name, "ci_low", "ci_high", *sides, *(() if sides[1] == "customers" else ("n",)))
    return columns, (measure,), shown
