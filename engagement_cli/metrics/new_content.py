"""New content: the share of what is consumed that is new.

What: of the uses of contents in the period, those of a content first seen at most so many days before.
Formula: new_share = uses on a local day that is the content's first day, or at most `new` days after it ÷ all uses of
    contents. The first day is that of the first event with the content in all history read, whoever's it is; with
    `from`, of the first such event: uses of contents without one, or before it, are uses of no new content.
Reads: events with a content, those of nobody too; for the first day also those before `since`.
Parameters: events (the uses), content (the column that says which content it is, such as content_id; rows without it
    are left out), new (whole days, default 30d), from (events with which a content appears; default: any with the
    content), where (of the uses alone), every, by (of the use).
Example:
    >>> from engagement_cli.metrics.new_content import Parameters
    >>> p = Parameters.model_validate({"type": "new_content", "events": ["video_view"], "content": "content_id"})
    >>> p.new.days
    30

Source: this program's definitions. n counts the customers with a use. There is no interval: what is new follows from
    everybody's events, not from one customer's alone. In the first days of the history, `new` of them, every content
    looks new: periods that begin in these are flagged `short_window` and not complete.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import numpy as np
import polars as pl
from pydantic import Field, model_validator

from engagement_cli.kernels.arrays import Flags
from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.contents import APPEARANCES, Contents, appearances, contents_of, places, rows_with
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.period_rows import by_period, flags, on_grid, quotient, summed
from engagement_cli.metrics.parts.trailing import DAY
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.native.hashes import numbered
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Grain, Select, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import EVERYTHING, Needs, narrowed
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    "uses": StateTable({**SEGMENT_AND_PERIOD, "content": pl.UInt64, "day": pl.Int32}, {"count": "sum"}),
    "users": StateTable(SEGMENT_AND_PERIOD, {"customers": "sum"}),
    "appearances": APPEARANCES,
}
_USES_OF_NUMBERS = StateTable(
    {**SEGMENT_AND_PERIOD, "number": pl.Int64, "day": pl.Int32}, STATE["uses"].values
)  # by the numbers of contents, which are small
_SUMS = StateTable(SEGMENT_AND_PERIOD, {"uses": "sum", "new_uses": "sum"})


class Parameters(MetricParameters):
    """What is consumed, and how long it is new."""

    type: Literal["new_content"]
    events: Select
    content: str = Field(min_length=1, description="the column that says which content it is")
    new: Duration = timedelta(days=30)
    start: Select | None = Field(None, alias="from", description="events with which a content appears")

    @model_validator(mode="after")
    def _whole_days(self) -> Parameters:
        if self.new % timedelta(days=1):
            raise ValueError("new: takes whole days, such as 30d")
        return self


def _uses(p: Parameters) -> Selection:
    return narrowed(p.events, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The uses, and what a content appears with."""
    required, optional = required_and_optional([_uses(p), p.start or EVERYTHING])
    return Needs(selections=required, optional=optional, things=(p.content,), by=p.by, across=True)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Uses by content and local day, the customers who used any, and when each content appears as the bucket knows."""
    parts = [_counted(p, bucket, grouping) for grouping in groupings(bucket, p.by)]
    whole = {name: STATE[name].merge([part[name] for part in parts]) for name in ("uses", "users")}
    return {**whole, "appearances": appearances(bucket, p.content, p.start or EVERYTHING)}


def _counted(p: Parameters, bucket: Bucket, grouping: Grouping) -> State:
    of_customers, of_nobody = (found.in_range(bucket) for found in rows_with(bucket, p.content, _uses(p)))
    uses = [_by_day(p, bucket, grouping, found) for found in (of_customers, of_nobody)]
    period, group = bucket.period(of_customers.rows, p.every), of_customers.groups(bucket, grouping, p.every)
    customer = of_customers.rows.customer
    if grouping.of_events:  # else rows lie in the order of customer and period, which tell the group
        order = np.lexsort((group, period, customer))
        customer, period, group = customer[order], period[order], group[order]
    first = starts(customer, period, *((group,) if grouping.of_events else ()))
    keys: dict[str, Column] = {"segments": grouping.labels(group[first]), "period": period[first]}
    return {"uses": STATE["uses"].merge(uses), "users": STATE["users"].of({**keys, "customers": 1})}


def _by_day(p: Parameters, bucket: Bucket, grouping: Grouping, found: Contents) -> Cells:
    rows = found.rows
    contents, number = numbered(rows.things[p.content])
    days = _USES_OF_NUMBERS.of(
        {
            "segments": grouping.labels(found.groups(bucket, grouping, p.every)),
            "period": bucket.period(rows, p.every),
            "number": number,
            "day": bucket.period(rows, DAY),
            "count": 1,
        }
    )
    keys = days.keys("segments", "period", "day")
    return STATE["uses"].of({**keys, "content": contents[days.numbers("number")], "count": days.numbers("count")})


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the share, the uses of new contents, all uses, the customers."""
    clock, used, users = context.clock, state["uses"], state["users"]
    uses = used.numbers("count")
    new_uses = uses * _is_new(used, state["appearances"], clock, p.new.days)
    rows = by_period(summed(used, _SUMS, {"uses": uses, "new_uses": new_uses}), clock, p.every)
    grid, uses, new_uses = rows.grid, rows.whole("uses"), rows.whole("new_uses")
    customers = on_grid(users, grid).whole("customers")
    short = _short(clock, p.every, p.new.days)[grid.place]
    numbers = {"new_share": quotient(new_uses, uses), "new_uses": new_uses, "uses": uses, "customers": customers}
    about: dict[str, ViewColumn] = {
        "complete": grid.complete & ~short,
        "flags": flags(grid, customers, {"short_window": short}),
    }
    return View(
        table=grid.table({**numbers, **about}),
        measures=(
            Measure("new_share", "share", "new_uses", "uses", "customers"),
            Measure("new_uses", "count"),
            Measure("uses", "count"),
        ),
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *numbers, "complete"),
        semantics=f"of {_uses(p)} with {p.content}, those of contents first seen"
        f"{f' by {p.start}' if p.start is not None else ''} at most {p.new.days} days before, {p.every.words}",
    )


def _is_new(used: Cells, appearances: Cells, clock: Clock, new: int) -> Flags:
    """Which uses are of contents that have appeared at most so many days before."""
    place = places(contents_of(appearances), contents_of(used))
    there = np.flatnonzero(place >= 0)
    first = clock.periods(DAY).index(appearances.whole("first"))[place[there]]
    age = used.numbers("day")[there] - first
    found = np.zeros(len(used), np.bool_)
    found[there] = (age >= 0) & (age <= new)
    return found


def _short(clock: Clock, every: Grain, new: int) -> Flags:
    """For each shown period: does it begin in the first days of the history, in which every content looks new?"""
    table, days = clock.periods(every), clock.periods(DAY)
    opens = days.index(np.maximum(table.bounds[np.array(clock.shown(table))], clock.since))
    return np.asarray(opens <= days.at(clock.first) + new)
