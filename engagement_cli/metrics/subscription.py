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

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.subscription_movements import CUSTOMERS, MONEY, Movements, movements_of
from engagement_cli.metrics.parts.subscription_rows import Subscriptions, subscriptions
from engagement_cli.metrics.parts.subscription_spans import spans_of
from engagement_cli.metrics.parts.subscription_terms import terms_between, terms_of
from engagement_cli.metrics.parts.subscription_view import view_of
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.records import replace
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
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
    rows = subscriptions(bucket, p.where)
    groups = groupings(bucket, p.by)
    common = {"amounts": bucket.shared(("amounts of subscriptions", p.where), lambda: _amounts(rows))}
    if p.measure == "renewal_rate":
        return {"moments": _renewals(p, bucket, groups), **common}
    if p.measure == "trial_conversion_rate":
        return {"trials": _trials(p, bucket, rows, groups), **common}
    moved = [_movements(p, bucket, grouping) for grouping in groups]
    state: State = {}
    if p.measure == "mrr":
        state["movements"] = MONEY.merge([each.money() for each in moved])
    if p.measure in _OF_CUSTOMERS:
        state["customers"] = CUSTOMERS.merge([each.customers() for each in moved])
    if p.measure in _OF_MOMENTS:
        state["moments"] = MOMENTS.merge([each.moments(p.measure) for each in moved])
    return {**common, **state}


def _amounts(rows: Subscriptions) -> Cells:
    """How many rows have an amount, and how many have none."""
    known = int(rows.known.sum())
    return STATE["amounts"].of({"known": known, "missing": len(rows.row) - known})


def _movements(p: Parameters, bucket: Bucket, grouping: Grouping) -> Movements:
    """What changed in each period shown, which several measures of subscriptions count; periods as in the clock's."""
    periods, trials = bucket.clock.periods(p.every), p.trials == "include"
    shown = bucket.clock.shown(periods)

    def make() -> Movements:
        found = movements_of(
            spans_of(bucket, p.where, trials=trials), periods.bounds[shown.start : shown.stop + 1], grouping
        )
        return replace(found, period=found.period + shown.start)

    by = tuple(column.column.name for column in grouping.columns)
    return bucket.shared(("movements", p.where, trials, p.every, by), make)


def _renewals(p: Parameters, bucket: Bucket, groups: list[Grouping]) -> Cells:
    """Terms that ended before `as_of` (y), and those after which the customer is still active (x)."""
    clock = bucket.clock
    periods = clock.periods(p.every)
    shown = clock.shown(periods)
    last = min(int(periods.bounds[shown.stop]), clock.as_of)
    due = terms_between(terms_of(bucket, p.where, p.term), clock, int(periods.bounds[shown.start]), last)
    renewed = spans_of(bucket, p.where).active_then(due.customer, due.ends).astype(np.int64)
    period, ones = periods.index(due.ends), np.ones(len(renewed), np.int64)
    parts = []
    for grouping in groups:
        group = grouping.customers(due.customer.astype(np.uint32), due.ends - 1)  # as of the last instant of the term
        parts.append(moments(due.customer, period, grouping.labels(group), renewed, ones))
    return MOMENTS.merge(parts)


def _trials(p: Parameters, bucket: Bucket, rows: Subscriptions, groups: list[Grouping]) -> Cells:
    """Customers with a trial that ended before `as_of`, each once a period, and those of them who then paid."""
    clock = bucket.clock
    periods = clock.periods(p.every)
    shown = clock.shown(periods)
    low, high = int(periods.bounds[shown.start]), min(int(periods.bounds[shown.stop]), clock.as_of)
    ends = rows.trial_ends
    ended = rows.take((ends > rows.started) & (ends >= low) & (ends < high))
    paid = spans_of(bucket, p.where).active_then(ended.customer, ended.trial_ends)
    # The segment is that of the trial's last instant, which a subscription ended early does not reach.
    stopped = np.minimum(ended.trial_ends, ended.ended) - 1
    of_all = periods.index(ended.trial_ends)
    order = np.lexsort((of_all, ended.customer))
    once = starts(ended.customer[order], of_all[order])
    if not len(once):
        return STATE["trials"].empty()
    customer, period = ended.customer[order][once], of_all[order][once]
    converted, at = (np.maximum.reduceat(values[order], once) for values in (paid.astype(np.int64), stopped))
    parts = []
    for grouping in groups:
        columns: dict[str, Column] = {
            "segments": grouping.labels(grouping.customers(customer.astype(np.uint32), at)),
            "period": period,
            "converted": converted,
            "trials": 1,
        }
        parts.append(STATE["trials"].of(columns))
    return STATE["trials"].merge(parts)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the measure, what stands behind it, its interval."""
    known, missing = (int(state["amounts"].value(name).sum()) for name in ("known", "missing"))
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
