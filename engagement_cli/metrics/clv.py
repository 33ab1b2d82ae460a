"""Customer lifetime value without a fitted model: simple, from churn, and what was observed to date.

What: `simple`, what a customer brings in a lifespan; `churn`, a heuristic from revenue and churn of the same period;
    `observed`, revenue to date with the frequency, recency, T and monetary value that fitted models start from.
Formula: simple = average purchase value × purchases a customer and year × lifespan in years (× margin);
    churn = ARPU × margin ÷ churn, with ARPU = revenue ÷ customers with a purchase, and churn = the share of these
    without a purchase in the `inactive_days` days after the period, or the one given;
    observed, a customer: frequency = distinct purchase days − 1; recency and T = days from the first purchase day to
    the last one, and to the last included day (`as_of` − 1); monetary value = the mean a purchase day, the first left
    out; means over all customers with a purchase (monetary value: over those with a second purchase day).
Reads: the purchases' value, and `order` where the export has it (an order is one purchase, however many rows).
Parameters: method, purchase (a selection), value (a column), margin, lifespan (years, 1), churn (per period of
    `every`), inactive_days, time (days or weeks), every (total; month for churn), by (a column of events for observed:
    that of the first purchase). Of customers under contract, write a derived metric of ARPU and churn rate.
Example:
    >>> from engagement_cli.metrics.clv import Parameters
    >>> p = Parameters.model_validate({"type": "clv", "method": "churn", "margin": "60%"})
    >>> p.margin, str(p.every)
    (0.6, 'month')

Source: Fader, Hardie and Lee (2005), "RFM and CLV: Using Iso-value Curves for Customer Base Analysis", for frequency,
    recency, T and monetary value; else this program's definitions. Simple and observed revenue have a
    customer-clustered 95 % interval; the heuristic has none. The simple method takes the range's length in calendar
    years: from `since` to `until`, else in whole days from the first row's to the last row's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from engagement_cli.metrics.parts import clv_observed, clv_spending
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Every, Grain, Number, Select, Selection, Share
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.state import State

STATE = {**clv_spending.STATE, **clv_observed.STATE}
ORDERS = ("order",)
_ONLY = {"lifespan": "simple", "churn": "churn", "inactive_days": "churn", "time": "observed"}


class Parameters(MetricParameters):
    """The method, what a purchase is, and what the method assumes."""

    type: Literal["clv"]
    method: Literal["simple", "churn", "observed"] = "simple"
    purchase: Select = Selection(events=("purchase",))
    value: str = "value"
    margin: Share = 1.0
    lifespan: Annotated[Number | None, Field(description="years; 1 where not given")] = None
    churn: Annotated[Share | None, Field(description="share of customers lost in a period of every:")] = None
    inactive_days: Annotated[int, Field(gt=0)] | None = None
    time: Annotated[Literal["days", "weeks"] | None, Field(description="unit of recency and T")] = None
    every: Every = Grain("total")

    @model_validator(mode="before")
    @classmethod
    def _churn_is_of_a_period(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("method") == "churn" and "every" not in data:
            return {**data, "every": "month"}
        return data

    @model_validator(mode="after")
    def _fits_the_method(self) -> Parameters:
        for key, method in _ONLY.items():
            if getattr(self, key) is not None and self.method != method:
                raise ValueError(f"{key}: goes with method: {method}")
        if self.lifespan is not None and self.lifespan <= 0:
            raise ValueError("lifespan: must be more than zero years")
        if self.method == "churn" and self.every.unit in ("total", "hour"):
            raise ValueError("every: ARPU and churn are of one period; it takes day, week, month or quarter")
        if self.method == "observed" and (self.every.unit != "total" or self.margin != 1):
            raise ValueError("method: observed takes every: total and no margin")
        return self

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """What the method assumes where nothing is said."""
        match self.method:
            case "simple":
                return {"lifespan": 1}
            case "churn":
                return {} if self.churn is not None else {"inactive_days": settings.inactive_days}
        return {"time": "days"}

    @property
    def selection(self) -> Selection:
        """The purchases under the metric's own filter."""
        return narrowed(self.purchase, self.where)

    def silent_days(self, settings: Settings) -> int:
        """After how many days without a purchase a customer counts as lost."""
        return settings.inactive_days if self.inactive_days is None else self.inactive_days


def needs(p: Parameters, settings: Settings) -> Needs:
    """The purchases, their value and their orders."""
    return Needs(selections=(p.selection,), numbers=(p.value,), things=ORDERS, by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Revenue, purchases and customers by segment and period, or the observed customers' sums."""
    if p.method == "observed":
        return clv_observed.measure(bucket, p.selection, p.value, p.by)
    days = p.silent_days(bucket.settings) if p.method == "churn" else None
    return clv_spending.measure(bucket, p.selection, p.value, p.every, p.by, days)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period with `clv` and its factors, or a row a segment with what was observed."""
    if p.method == "simple":
        return clv_spending.simple(state, context, p.every, p.margin, 1.0 if p.lifespan is None else p.lifespan)
    if p.method == "churn":
        return clv_spending.by_churn(state, context, p.every, p.margin, p.churn, p.silent_days(context.settings))
    return clv_observed.finish(state, context, weeks=p.time == "weeks")
