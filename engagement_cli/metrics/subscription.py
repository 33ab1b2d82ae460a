"""Subscribers and recurring revenue from period to period: retention, churn, renewal, growth, MRR, NRR, GRR, trials.

What: who is subscribed at a period's start and end, and what they pay. A customer is active at an instant B where
    started ≤ B < ended on any row, past the row's trial (`trials: include` counts trials as well, for numbers of
    customers). Amounts leave trials and taxes out; a row without an amount pays nothing, and is counted as such.
    Incomplete periods compare with their own future end.
Formula: S, E = active at start, at end. retention_rate = |S∩E| ÷ |S|, which from totals is (end − joined) ÷ start;
    churn_rate = 1 − that, and of money: churned MRR ÷ start MRR; net_growth_rate = (|E| − |S|) ÷ |S|;
    renewal_rate = terms after which the customer is active ÷ terms that ended on rows running until then; mrr at the
    end = start + new + reactivation + expansion − contraction − churn, where new and reactivated are those who paid
    nothing at the start, churned those who pay nothing at the end; arpu = MRR ÷ active, at the end; nrr = (start +
    expansion − contraction − churn) ÷ start; grr = Σ min(start, end) ÷ start, of customers at start;
    trial_conversion_rate = customers paying at the end of a trial ÷ customers with a trial that has ended.
Reads: subscriptions: started, ended, trial_ends; mrr (or amount and billing) for money; billing for renewals.
Parameters: measure, trials (exclude, include), term (of rows without billing: week, month, quarter, year), where,
    every, by (columns of customers, or of subscriptions: what is there at the start, kept or lost, as of the period's
    start; what is there at the end, joins, or changes as of its end, with what moved between segments beside it; terms
    and trials as of their own end; of several that run, the one begun last).
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

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from engagement_cli.kernels.arrays import LARGEST
from engagement_cli.metrics.parts.customer_tables import rows_of
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.subscription_movements import (
    CUSTOMERS,
    MONEY,
    Kept,
    customers_by_group,
    kept_money,
    moments_of_all,
    money_by_group,
)
from engagement_cli.metrics.parts.subscription_spans import Change, Spans, active_then, changes, spans
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
    "customers": CUSTOMERS,
    "movements": MONEY,
    "moments": MOMENTS,
    "trials": StateTable(SEGMENT_AND_PERIOD, {"converted": "sum", "trials": "sum"}),
    "amounts": StateTable({}, {"known": "sum", "missing": "sum"}),
}
_OF_CUSTOMERS = ("retention_rate", "churn_rate", "net_growth_rate")
_OF_MONEY = ("mrr", "arpu", "nrr", "grr")
_OF_MOMENTS = ("arpu", "nrr", "grr", "churn_rate")  # churn of money, beside that of customers


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
    """The subscriptions export, with the columns without which a rate would be of nothing."""
    column = {"trial_conversion_rate": "trial_ends", "renewal_rate": "billing" if p.term is None else None}.get(
        p.measure
    )
    return Needs(
        sources=frozenset({"subscriptions"}),
        by=p.by,
        columns=(("subscriptions", column),) if column is not None else (),
        predicates=(("subscriptions", p.where),) if p.where is not None else (),
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers, amounts, terms or trials of the bucket by segment and period."""
    table = bucket.shared(("subscriptions", p.where), lambda: rows_of(bucket, "subscriptions", p.where))
    groups = groupings(bucket, p.by)
    known = pl.col("mrr").is_not_null() & pl.col(CODE).is_not_null()
    missing = pl.col("mrr").is_null() & pl.col(CODE).is_not_null()
    amounts = table.select(known=known.sum().cast(pl.Int128), missing=missing.sum().cast(pl.Int128))
    common = {"amounts": STATE["amounts"].merge([amounts])}
    if p.measure == "renewal_rate":
        return {"moments": _renewals(p, bucket, table, groups), **common}
    if p.measure == "trial_conversion_rate":
        return {"trials": _trials(p, bucket, table, groups), **common}
    customers: list[Mapping[str, Column]] = []
    movements: list[Mapping[str, Column]] = []
    kept: list[Kept] = []
    for grouping in groups:
        for change in _changes(p, bucket, table, grouping):
            if p.measure == "mrr":
                movements += money_by_group(grouping, change)
            if p.measure in _OF_CUSTOMERS:
                customers += customers_by_group(grouping, change)
            if p.measure in _OF_MOMENTS:
                kept.append(kept_money(grouping, change, p.measure))
    state: State = {"customers": CUSTOMERS.of_all(customers)} if customers else {}
    state |= {"movements": MONEY.of_all(movements)} if movements else {}
    state |= {"moments": moments_of_all(kept)} if kept else {}
    return {**common, **state}


def _spans(p: Parameters, bucket: Bucket, table: pl.DataFrame, *, trials: bool = False) -> Spans:
    return bucket.shared(("spans", p.where, trials), lambda: spans(table, trials=trials))


def _changes(p: Parameters, bucket: Bucket, table: pl.DataFrame, grouping: Grouping) -> Sequence[Change]:
    """What changed in each period, which several measures of subscriptions count."""
    periods, trials = bucket.clock.periods(p.every), p.trials == "include"
    found = _spans(p, bucket, table, trials=trials)
    by = tuple(column.column.name for column in grouping.columns)
    return bucket.shared(
        ("changes", p.where, trials, p.every, by),
        lambda: list(changes(found, periods.bounds, bucket.clock.shown(periods), grouping)),
    )


def _renewals(p: Parameters, bucket: Bucket, table: pl.DataFrame, groups: list[Grouping]) -> pl.DataFrame:
    """Terms that ended before `as_of` (y), and those after which the customer is still active (x)."""
    clock = bucket.clock
    periods = clock.periods(p.every)
    shown = clock.shown(periods)
    last = min(int(periods.bounds[shown.stop]), clock.as_of)
    due = terms_between(table, clock, int(periods.bounds[shown.start]), last, p.term)
    renewed = active_then(_spans(p, bucket, table), due.customer, due.ends)
    terms = pl.DataFrame({"customer": due.customer, "period": periods.index(due.ends), "renewed": renewed})
    parts = []
    for grouping in groups:
        group = grouping.customers(due.customer.astype(np.uint32), due.ends - 1)  # as of the last instant of the term
        # A customer's terms of a period are one row from here on: there are far fewer of these than of terms.
        each = terms.with_columns(pl.Series("group", group)).group_by("customer", "period", "group")
        counted = each.agg(x=pl.col("renewed").cast(pl.Int64).sum(), y=pl.len().cast(pl.Int64))
        customer, period, x, y = (counted[name].to_numpy() for name in ("customer", "period", "x", "y"))
        parts.append(moments(customer, period, grouping.labels(counted["group"].to_numpy()), x, y))
    return MOMENTS.gather(parts)


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
    paid = active_then(_spans(p, bucket, table), customer, instant)
    # The segment is that of the trial's last instant, which a subscription ended early does not reach.
    stopped = np.minimum(instant, ended["ended"].fill_null(LARGEST).to_numpy()) - 1
    once = (
        pl.DataFrame({"customer": customer, "period": periods.index(instant), "paid": paid, "at": stopped})
        .group_by("customer", "period")
        .agg(pl.col("paid").any(), pl.col("at").max())
    )
    period = once["period"].to_numpy()
    parts = []
    for grouping in groups:
        group = grouping.customers(once["customer"].to_numpy().astype(np.uint32), once["at"].to_numpy())
        columns: dict[str, Column] = {"segments": grouping.labels(group), "period": period}
        columns |= {"converted": once["paid"].cast(pl.Int64), "trials": np.ones(once.height, np.int64)}
        parts.append(STATE["trials"].of(columns))
    return STATE["trials"].gather(parts)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the measure, what stands behind it, its interval."""
    known, missing = (int(state["amounts"][name].sum() or 0) for name in ("known", "missing"))
    said = [_SEMANTICS.get(p.measure, f"{p.measure.replace('_', ' ')} of customers active at the period's start")]
    said += [p.every.words, "; trials included" if p.trials == "include" else "; trials left out"]
    if p.by:
        said.append(f"; {_AS_OF.get(p.measure, 'segments as of the start')}")
    return view_of(
        p.measure,
        state,
        p.every,
        context,
        f"{said[0]}, {''.join(said[1:])}",
        known=p.measure not in _OF_MONEY or known > 0,
        divided=bool(p.by),
        amounts=(known, missing),
    )


_SEMANTICS = {
    "renewal_rate": "renewed ÷ due terms, by customer's state at the term's end",
    "trial_conversion_rate": "customers paying when their trial ends ÷ customers whose trial has ended",
    "mrr": "monthly recurring revenue at the period's end, and its movements since the start",
    "arpu": "MRR ÷ active customers, at the period's end",
}
_ENDS = "start and what is lost of it by the segment at the start, the rest by that at the end"
_AS_OF = {
    "renewal_rate": "segments as of the term's last instant",
    "trial_conversion_rate": "segments as of the trial's last instant",
    "arpu": "segments as of the end",
    "mrr": f"{_ENDS}; moved is the start value of who changed segment",
    "net_growth_rate": f"{_ENDS}; moved are those who changed segment",
}
