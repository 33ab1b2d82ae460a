"""Subscribers and recurring revenue from period to period: retention, churn, renewal, growth, MRR, NRR, GRR, trials.

What: who is subscribed at a period's start and end, and what they pay. A customer is active at an instant B where
    started ≤ B < ended on any row, past the row's trial (`trials: include` counts trials as well, for numbers of
    customers). Amounts leave trials and taxes out. Incomplete periods compare with their own future end.
Formula: S, E = active at start, at end. retention_rate = |S∩E| ÷ |S|, which from totals is (end − joined) ÷ start;
    churn_rate = 1 − that; net_growth_rate = (|E| − |S|) ÷ |S|; renewal_rate = terms after which the customer is
    active ÷ terms that ended on rows running until then; mrr at the end = start + new + reactivation + expansion −
    contraction − churn; arpu = MRR ÷ active, at the end; nrr = (start + expansion − contraction − churn) ÷ start;
    grr = Σ min(start, end) ÷ start, of customers at start; trial_conversion_rate = customers paying at the end of a
    trial ÷ customers with a trial that has ended.
Reads: subscriptions: started, ended, trial_ends; mrr (or amount and billing) for money; billing for renewals.
Parameters: measure, trials (exclude, include), term (of rows without billing: week, month, quarter, year), where,
    every, by (columns of customers, or of subscriptions as of the period's start).
Example:
    >>> from engagement_cli.metrics.subscription import Parameters
    >>> Parameters.model_validate({"type": "subscription", "measure": "churn_rate"}).trials
    'exclude'

Source: this program's definitions. Wilson's interval for retention, churn and trials (one yes or no a customer), and
    for renewal in periods in which no customer has two terms due; else customer-clustered, as for arpu, nrr, grr; none
    for net growth and mrr, which are counts of everybody. Wilson (1927), "Probable Inference, the Law of Succession,
    and Statistical Inference".
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.metrics.parts.customer_tables import products, rows_of, sums_by_group
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.subscription_spans import Change, active_then, changes, movements, spans
from engagement_cli.metrics.parts.subscription_terms import terms_between
from engagement_cli.metrics.parts.subscription_view import view_of
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    "customers": StateTable(SEGMENT_AND_PERIOD, {"start": "sum", "kept": "sum", "end": "sum"}),
    "movements": StateTable(
        SEGMENT_AND_PERIOD,
        dict.fromkeys(("start", "new", "reactivation", "expansion", "contraction", "churn", "end", "customers"), "sum"),
    ),
    "moments": MOMENTS,
    "trials": StateTable(SEGMENT_AND_PERIOD, {"converted": "sum", "trials": "sum"}),
    "amounts": StateTable({}, {"rows": "sum"}),
}
_OF_CUSTOMERS = ("retention_rate", "churn_rate", "net_growth_rate")
_OF_MONEY = ("mrr", "arpu", "nrr", "grr")


class Parameters(MetricParameters):
    """Which number of subscriptions."""

    type: Literal["subscription"]
    measure: Literal[
        "retention_rate",
        "churn_rate",
        "renewal_rate",
        "net_growth_rate",
        "mrr",
        "arpu",
        "nrr",
        "grr",
        "trial_conversion_rate",
    ]
    trials: Annotated[
        Literal["exclude", "include"], Field(description="whether customers in trial count as active")
    ] = "exclude"
    term: Annotated[
        Literal["week", "month", "quarter", "year"] | None, Field(description="of rows without billing, for renewals")
    ] = None

    @model_validator(mode="after")
    def _options_fit(self) -> Parameters:
        if self.trials == "include" and self.measure not in _OF_CUSTOMERS:
            raise ValueError(f"trials: include goes with {', '.join(_OF_CUSTOMERS)}; {self.measure} leaves trials out")
        if self.term is not None and self.measure != "renewal_rate":
            raise ValueError("term: goes with renewal_rate")
        return self


def needs(p: Parameters, settings: Settings) -> Needs:
    """The subscriptions export."""
    return Needs(
        sources=frozenset({"subscriptions"}),
        by=p.by,
        predicates=(("subscriptions", p.where),) if p.where is not None else (),
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers, amounts, terms or trials of the bucket by segment and period."""
    table = rows_of(bucket, "subscriptions", p.where)
    groups = groupings(bucket, p.by)
    if p.measure == "renewal_rate":
        return {"moments": _renewals(p, bucket, table, groups)}
    if p.measure == "trial_conversion_rate":
        return {"trials": _trials(p, bucket, table, groups)}
    periods = bucket.clock.periods(p.every)
    found = spans(table, trials=p.trials == "include")
    parts = []
    for change in changes(found, periods.bounds, bucket.clock.shown(periods)):
        columns = _columns(p, change)
        parts += [
            sums_by_group(STATE[_table(p)], grouping, change.customer, change.period, change.begins, columns)
            for grouping in groups
        ]
    amounts = table.select(rows=pl.col("mrr").is_not_null().sum().cast(pl.Int128))
    return {_table(p): STATE[_table(p)].merge(parts), "amounts": STATE["amounts"].merge([amounts])}


def _table(p: Parameters) -> str:
    if p.measure in _OF_CUSTOMERS:
        return "customers"
    return "movements" if p.measure == "mrr" else "moments"


def _columns(p: Parameters, change: Change) -> dict[str, Int64s | Flags] | pl.DataFrame:
    """What a period's customers add to the state, one value each."""
    start, end = change.start, change.end
    kept = start.active & end.active
    match p.measure:
        case "mrr":
            return {**movements(change), "customers": end.active}
        case "arpu":
            return products(end.mrr, end.active.astype(np.int64))
        case "nrr":
            return products(np.where(kept, end.mrr, 0), start.mrr)
        case "grr":
            return products(np.where(kept, np.minimum(start.mrr, end.mrr), 0), start.mrr)
    return {"start": start.active, "kept": kept, "end": end.active}


def _renewals(p: Parameters, bucket: Bucket, table: pl.DataFrame, groups: list[Grouping]) -> pl.DataFrame:
    """Terms that ended before `as_of` (y), and those after which the customer is still active (x)."""
    clock = bucket.clock
    periods = clock.periods(p.every)
    shown = clock.shown(periods)
    last = min(int(periods.bounds[shown.stop]), clock.as_of)
    due = terms_between(table, clock, int(periods.bounds[shown.start]), last, p.term)
    renewed = active_then(spans(table), due.customer, due.ends)
    # A customer's terms of a period are one row from here on: there are far fewer of these than of terms.
    each = pl.DataFrame({"customer": due.customer, "period": periods.index(due.ends), "renewed": renewed})
    each = each.group_by("customer", "period").agg(x=pl.col("renewed").cast(pl.Int64).sum(), y=pl.len().cast(pl.Int64))
    customer, period, x, y = (each[name].to_numpy() for name in ("customer", "period", "x", "y"))
    parts = []
    for grouping in groups:
        group = grouping.customers(customer.astype(np.uint32), periods.bounds[period])
        parts.append(moments(customer, period, grouping.labels(group), x, y))
    return MOMENTS.merge(parts)


def _trials(p: Parameters, bucket: Bucket, table: pl.DataFrame, groups: list[Grouping]) -> pl.DataFrame:
    """Customers with a trial that ended before `as_of`, each once a period, and those of them who then paid."""
    clock = bucket.clock
    periods = clock.periods(p.every)
    shown = clock.shown(periods)
    low, high = int(periods.bounds[shown.start]), min(int(periods.bounds[shown.stop]), clock.as_of)
    ended = table.filter(
        pl.col(CODE).is_not_null() & (pl.col("trial_ends") > pl.col("started")),
        pl.col("trial_ends").is_between(low, high, "left"),
    )
    customer, instant = ended[CODE].cast(pl.Int64).to_numpy(), ended["trial_ends"].to_numpy()
    paid = active_then(spans(table), customer, instant)
    once = (
        pl.DataFrame({"customer": customer, "period": periods.index(instant), "paid": paid})
        .group_by("customer", "period")
        .agg(pl.col("paid").any())
    )
    period = once["period"].to_numpy()
    parts = []
    for grouping in groups:
        group = grouping.customers(once["customer"].to_numpy().astype(np.uint32), periods.bounds[period])
        columns: dict[str, Column] = {"segments": grouping.labels(group), "period": period}
        columns |= {"converted": once["paid"].cast(pl.Int64), "trials": np.ones(once.height, np.int64)}
        parts.append(STATE["trials"].of(columns))
    return STATE["trials"].merge(parts)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the measure, what stands behind it, its interval."""
    known = p.measure not in _OF_MONEY or int(state["amounts"]["rows"].sum() or 0) > 0
    name = {"renewal_rate": "moments", "trial_conversion_rate": "trials"}.get(p.measure) or _table(p)
    semantics = {
        "renewal_rate": "renewed ÷ due terms, by customer's state at the term's end",
        "trial_conversion_rate": "customers paying when their trial ends ÷ customers whose trial has ended",
        "mrr": "monthly recurring revenue at the period's end, and its movements since the start",
        "arpu": "MRR ÷ active customers, at the period's end",
    }.get(p.measure, f"{p.measure.replace('_', ' ')} of customers active at the period's start")
    population = "trials included" if p.trials == "include" else "trials left out"
    return view_of(p.measure, state[name], p.every, context, f"{semantics}, {p.every.words}; {population}", known=known)
