"""Adoption: which share of the active customers uses something, such as a feature.

What: customers with a selected event in the period, of all who are active in it; by a column of events, such as the
    feature, every value against the same active customers. Of the key features also how many of them are used.
Formula: adoption = customers with a selected event ÷ customers with an active or a selected event in the period.
    adopted_share = mean over these of different key features used in the period ÷ key features.
Reads: events; rows of nobody are no customer's. A use of a key feature is an event of that name, or an event of
    `profile: features` with that name in the column `profile: feature`.
Parameters: events (what counts as using it; default: any of `key_features`), of (who could have; default: the active),
    every, by (event columns: of the selected event, and they do not divide those it is compared with; columns of
    customers divide both).
Example:
    >>> from engagement_cli.metrics.adoption import Parameters
    >>> str(Parameters.model_validate({"type": "adoption", "events": "feature_used"}).of)
    'active'

Source: this program's definitions. Wilson's 95 % interval: a customer uses it or does not. Wilson (1927), "Probable
    Inference, the Law of Succession, and Statistical Inference".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.intervals import mean_interval, wilson
from engagement_cli.metrics.parts.grid import Grid, ViewColumn, grid_of
from engagement_cli.metrics.parts.key_features import events_of_features, use_of_key_features
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.period_rows import (
    PeriodRows,
    by_period,
    flags,
    interval,
    on_grid,
    quotient,
    summed,
)
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.native.unions import union
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Select, Selection
from engagement_cli.timeline.activity import Pairs, pairs
from engagement_cli.timeline.breakdown import EVERYBODY, Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.needs import ACTIVE, EVERYTHING, Needs, narrowed
from engagement_cli.timeline.state import State, StateTable

STATE = {
    # `whole` is the segment of those it is compared with: the same without columns of events.
    "users": StateTable({**SEGMENT_AND_PERIOD, "whole": pl.String}, {"customers": "sum"}),
    "active": StateTable(SEGMENT_AND_PERIOD, {"active": "sum"}),
    "features": MOMENTS,  # of key features used by each customer
}
_COUNTED = StateTable(SEGMENT_AND_PERIOD, {"customers": "sum"})


class Parameters(MetricParameters):
    """What is used, and by whom it could be."""

    type: Literal["adoption"]
    events: Annotated[Select | None, Field(description="what counts as using it; default: the key features")] = None
    of: Annotated[Select, Field(description="who could have used it")] = ACTIVE

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """The key features of the configuration."""
        return {"events": settings.key_features or settings.profile.features}


def needs(p: Parameters, settings: Settings) -> Needs:
    """The selected events, and those that make a customer active."""
    of = narrowed(p.of, p.where)
    if p.events is not None:
        required, optional = required_and_optional([narrowed(p.events, p.where), of])
        return Needs(selections=required, optional=optional, by=p.by)
    required, optional = required_and_optional([events_of_features(settings), of])
    uses = (Selection(events=settings.profile.features), *(Selection(events=(name,)) for name in settings.key_features))
    others = tuple(dict.fromkeys((*optional, *uses, narrowed(EVERYTHING, p.where))))
    return Needs(selections=required, optional=others, welcome=(settings.profile.feature,), by=p.by)


def _used(p: Parameters, bucket: Bucket, grouping: Grouping) -> Pairs:
    if p.events is None:
        return use_of_key_features(bucket, p.every, p.where, grouping).users
    return pairs(bucket, p.every, narrowed(p.events, p.where), grouping)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers by segment and period, above and below the line."""
    everyone = _either(pairs(bucket, p.every, narrowed(p.of, p.where)), _used(p, bucket, EVERYBODY))
    ways = groupings(bucket, p.by)
    wholes = {_names(whole): whole for whole in map(_whole, ways)}
    active = {names: _active(_labels(bucket, p, whole, everyone), everyone) for names, whole in wholes.items()}
    # Who could have used it, and did not, has a row as well.
    users = [_nobody(active[_names(grouping)]) for grouping in ways if not grouping.of_events]
    features = [_features(p, bucket, grouping) for grouping in ways] if p.events is None else []
    return {
        "users": STATE["users"].merge([*(_users(p, bucket, grouping) for grouping in ways), *users]),
        "active": STATE["active"].merge(list(active.values())),
        "features": MOMENTS.merge(features),
    }


def _names(grouping: Grouping) -> tuple[str, ...]:
    return tuple(column.column.name for column in grouping.columns)


def _whole(grouping: Grouping) -> Grouping:
    """The same without columns of events, which do not divide those it is compared with."""
    return Grouping(tuple(column for column in grouping.columns if column.by_kind is None))


def _active(labels: Labels, everyone: Pairs) -> Cells:
    return STATE["active"].of({"segments": labels, "period": everyone.period, "active": 1})


def _nobody(active: Cells) -> Cells:
    """No users, of each segment and period in which anyone is active."""
    keys = active.keys("segments", "period")
    return STATE["users"].of_distinct({**keys, "whole": keys["segments"], "customers": np.zeros(len(active), np.int64)})


def _users(p: Parameters, bucket: Bucket, grouping: Grouping) -> Cells:
    users = _used(p, bucket, grouping)
    labels, of = grouping.labels(users.group), _labels(bucket, p, _whole(grouping), users)
    return STATE["users"].of({"segments": labels, "period": users.period, "whole": of, "customers": 1})


def _features(p: Parameters, bucket: Bucket, grouping: Grouping) -> Cells:
    found = use_of_key_features(bucket, p.every, p.where, grouping)
    customer, labels = found.users.customer, grouping.labels(found.users.group)
    return moments(customer, found.users.period, labels, found.features, found.features)


def _labels(bucket: Bucket, p: Parameters, grouping: Grouping, found: Pairs) -> Labels:
    return grouping.labels(grouping.customers_in(found.customer, bucket.clock.periods(p.every), found.period))


def _either(a: Pairs, b: Pairs) -> Pairs:
    """The customers and periods of either, each once."""
    customer, period = union((a.customer, a.period), (b.customer, b.period))
    return Pairs(customer, period, np.zeros(len(customer), np.int64))


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the share, and the customers above and below the line."""
    users = state["users"]
    rows = by_period(summed(users, _COUNTED, {"customers": users.numbers("customers")}), context.clock, p.every)
    customers = rows.whole("customers")
    active = _active_in(state["active"], users, rows.grid, context.clock, p.every)
    columns: dict[str, ViewColumn] = {
        "adoption": quotient(customers, active),
        **interval(wilson(customers.astype(np.float64), active.astype(np.float64))),
        "customers": customers,
        "active": active,
        "flags": flags(rows.grid, active),
    }
    key = (_OF_KEY_FEATURES,) if p.events is None else ()
    if key:
        many = max(len(context.settings.key_features), 1)
        columns |= _of_key_features(on_grid(state["features"], rows.grid), active, many)
    periods = ("period_start", "period_end", *(("segments",) if p.by else ()))
    shown = ("adoption", "ci_low", "ci_high", "customers", "active", *(m.column for m in key), "complete")
    return View(
        table=rows.grid.table(columns),
        measures=(
            Measure("adoption", "share", "customers", "active", "active", "ci_low", "ci_high"),
            Measure("customers", "count"),
            *key,
        ),
        columns=(*periods, *shown),
        semantics=_semantics(p, context.settings),
    )


def _active_in(active: Cells, users: Cells, grid: Grid, clock: Clock, every: Grain) -> Int64s:
    """Of each row of the grid those who are active in it, whatever columns of events divide it."""
    texts = users.texts[[*users.schema].index("whole")] or ()
    whole = dict(zip(grid.segments_of(users).tolist(), users.numbers("whole").tolist(), strict=True))
    of = [texts[whole[place]] or "" if place in whole else "" for place in range(len(grid.names))]
    names = ("", *sorted({*of} - {""}))
    counts = on_grid(active, grid_of(names, clock, every)).whole("active").reshape(len(names), -1)
    return counts[[names.index(name) for name in of]].ravel()


_OF_KEY_FEATURES = Measure(
    "adopted_share", "share", "adopted", "adoptable", "active", "adopted_share_ci_low", "adopted_share_ci_high"
)


def _of_key_features(used: PeriodRows, active: Int64s, many: int) -> dict[str, ViewColumn]:
    """The mean share of the key features that an active customer uses, with an interval by customer."""
    x, squares = used.floats("x", "xx")
    low, high = mean_interval(x, squares, active.astype(np.float64))
    ends = np.clip(low / many, 0, 1), np.clip(high / many, 0, 1)
    return {
        "adopted_share": quotient(x, active * many),
        "adopted": used.whole("x"),
        "adoptable": active * many,
        **interval(ends, "adopted_share_ci_low", "adopted_share_ci_high"),
    }


def _semantics(p: Parameters, settings: Settings) -> str:
    if p.events is not None:
        used = str(narrowed(p.events, p.where))
    else:
        used = f"a use of {' or '.join(settings.key_features) or 'any feature'}"
        used += f" where {p.where}" if p.where is not None else ""
    of = narrowed(p.of, p.where)
    return (
        f"distinct customers with {used} ÷ distinct customers with {of} or with that, {p.every.words}; "
        "columns of events divide only those above the line"
    )
