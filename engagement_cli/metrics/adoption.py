"""Adoption: which share of the active customers uses something, such as a feature.

What: customers with a selected event in the period, of all who are active in it; by a column of events, such as the
    feature, every value against the same active customers.
Formula: adoption = customers with a selected event ÷ customers with an active or a selected event in the period.
Reads: events; rows of nobody are no customer's.
Parameters: events (what counts as using it), of (who could have; default: the active), every, by (event columns: of the
    selected event, and they do not divide those it is compared with; columns of customers divide both).
Example:
    >>> from engagement_cli.metrics.adoption import Parameters
    >>> str(Parameters.model_validate({"type": "adoption", "events": "feature_used"}).of)
    'active'

Source: this program's definitions. Wilson's 95 % interval: a customer uses it or does not. Wilson (1927), "Probable
    Inference, the Law of Succession, and Statistical Inference".
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field

from engagement_cli.kernels.intervals import wilson
from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.period_rows import by_period, divided, flags, floats, with_interval
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.activity import Pairs, pairs
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    # `whole` is the segment of those it is compared with: the same without columns of events.
    "users": StateTable({**SEGMENT_AND_PERIOD, "whole": pl.String}, {"customers": "sum"}),
    "active": StateTable(SEGMENT_AND_PERIOD, {"active": "sum"}),
}


class Parameters(MetricParameters):
    """What is used, and by whom it could be."""

    type: Literal["adoption"]
    events: Select
    of: Annotated[Select, Field(description="who could have used it")] = ACTIVE


def _selections(p: Parameters) -> tuple[Selection, Selection]:
    return narrowed(p.events, p.where), narrowed(p.of, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The selected events, and those that make a customer active."""
    required, optional = required_and_optional(_selections(p))
    return Needs(selections=required, optional=optional, by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers by segment and period, above and below the line."""
    used, of = _selections(p)
    everyone = _either(pairs(bucket, p.every, of), pairs(bucket, p.every, used))
    ways = groupings(bucket, p.by)
    wholes = {tuple(column.column.name for column in whole.columns): whole for whole in map(_whole, ways)}
    return {
        "users": STATE["users"].merge([_users(p, bucket, grouping, everyone) for grouping in ways]),
        "active": STATE["active"].merge(
            [_active(_labels(bucket, p, whole, everyone), everyone) for whole in wholes.values()]
        ),
    }


def _whole(grouping: Grouping) -> Grouping:
    """The same without columns of events, which do not divide those it is compared with."""
    return Grouping(tuple(column for column in grouping.columns if column.by_kind is None))


def _active(labels: pl.Series, everyone: Pairs) -> pl.DataFrame:
    ones = np.ones(len(everyone.period), np.int64)
    return STATE["active"].of({"segments": labels, "period": everyone.period, "active": ones})


def _users(p: Parameters, bucket: Bucket, grouping: Grouping, everyone: Pairs) -> pl.DataFrame:
    users, whole = pairs(bucket, p.every, _selections(p)[0], grouping), _whole(grouping)
    ones = np.ones(len(users.period), np.int64)
    labels, of = grouping.labels(users.group), _labels(bucket, p, whole, users)
    found = [STATE["users"].of({"segments": labels, "period": users.period, "whole": of, "customers": ones})]
    if not grouping.of_events:  # who could have used it, and did not, has a row as well
        labels = _labels(bucket, p, grouping, everyone)
        row: dict[str, Column] = {"segments": labels, "period": everyone.period, "whole": labels}
        found.append(STATE["users"].of({**row, "customers": np.zeros(len(labels), np.int64)}))
    return STATE["users"].merge(found)


def _labels(bucket: Bucket, p: Parameters, grouping: Grouping, found: Pairs) -> pl.Series:
    bounds = bucket.clock.periods(p.every).bounds
    at = bounds[np.clip(found.period, 0, len(bounds) - 2)]
    return grouping.labels(grouping.customers(found.customer, at))


def _either(a: Pairs, b: Pairs) -> Pairs:
    """The customers and periods of either, each once."""
    customer, period = np.concatenate([a.customer, b.customer]), np.concatenate([a.period, b.period])
    order = np.lexsort((period, customer))
    customer, period = customer[order], period[order]
    at = starts(customer, period)
    return Pairs(customer[at], period[at], np.zeros(len(at), np.int64))


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the share, and the customers above and below the line."""
    users = state["users"].drop("whole").group_by(list(SEGMENT_AND_PERIOD)).agg(pl.col("customers").sum())
    table = by_period(users, context.clock, p.every)
    wholes = state["users"].select("segments", "whole").unique()
    table = table.join(wholes, on="segments", how="left", maintain_order="left")
    active = state["active"].rename({"segments": "whole"})
    table = table.with_columns(pl.col("whole").fill_null("")).join(
        active, on=["whole", "period"], how="left", maintain_order="left"
    )
    table = table.with_columns(pl.col("active").fill_null(0)).with_columns(adoption=divided("customers", "active"))
    table = with_interval(table, wilson(*floats(table, "customers", "active")))
    table = table.with_columns(pl.col("customers", "active").cast(pl.Int64))
    return View(
        table=flags(table, "active").drop("whole", "period", "reliable"),
        measures=(
            Measure("adoption", "share", "customers", "active", "active", "ci_low", "ci_high"),
            Measure("customers", "count"),
        ),
        columns=(
            "period_start",
            "period_end",
            *(("segments",) if p.by else ()),
            "adoption",
            "ci_low",
            "ci_high",
            "customers",
            "active",
            "complete",
        ),
        semantics=_semantics(p),
    )


def _semantics(p: Parameters) -> str:
    used, of = _selections(p)
    return (
        f"distinct customers with {used} ÷ distinct customers with {of} or with that, {p.every.words}; "
        "columns of events divide only those above the line"
    )
