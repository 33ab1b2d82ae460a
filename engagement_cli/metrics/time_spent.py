"""Time on a page, a feature or a content: from an event until the next one in the same session.

What: how long the selected events last, together, each, and a customer; how many of them last an unknown time.
Formula: an event lasts until the next later event of its session, whichever that is; simultaneous events last equally
    long. The last of a session gets no time, and is in no mean or median. mean_seconds = Σ time ÷ events that have one;
    seconds_per_customer = Σ time ÷ customers with a selected event; last_share = selected events that are the last of
    their session ÷ selected events.
Reads: events; what lies past `until` still ends what began before it. Rows of nobody form no session.
Parameters: events (whose time is measured), exclude (system events that neither open, extend nor end anything), gap
    (default: session_gap), split_midnight, cap, session (as of type sessions), where (of all rows that form sessions;
    `events: {events: …, where: …}` narrows those measured), every (a time belongs to the period in which it begins), by
    (event columns: of the event measured).
Example:
    >>> from engagement_cli.metrics.time_spent import Parameters
    >>> str(Parameters.model_validate({"type": "time_spent", "events": "page_view", "gap": "10m"}).events)
    'page_view'

Source: this program's definitions. Means and shares have a customer-clustered 95 % interval (delta method); medians are
    exact. Deng, Knoblich and Lu (2018), "Applying the Delta Method in Metric Analytics".
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.intervals import clustered_ratio, mean_interval
from engagement_cli.kernels.sessions import ticks_until_next
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.period_rows import by_period, flags, interval, on_grid, quotient
from engagement_cli.metrics.parts.session_parameters import SessionParameters, rule_words, session_rule
from engagement_cli.metrics.parts.session_sums import DURATIONS, durations, without_seconds
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import EVERYTHING, Needs, narrowed
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.state import State
from engagement_cli.timeline.visits import visited

# Ticks of all events, of those that have a time, and how many are the last: each against the number of events.
STATE = {"all": MOMENTS, "timed": MOMENTS, "last": MOMENTS, "durations": DURATIONS}

_COLUMNS = ("mean_seconds", "median_seconds", "seconds", "events", "customers", "seconds_per_customer", "last_share")


class Parameters(SessionParameters):
    """What is measured, and what ends a session."""

    type: Literal["time_spent"]
    events: Select


def _measured(p: Parameters) -> Selection:
    return narrowed(p.events, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The events that are measured, and all that form sessions with them."""
    required, optional = required_and_optional([_measured(p)])
    return Needs(
        selections=required,
        optional=tuple(dict.fromkeys((*optional, narrowed(EVERYTHING, p.where)))),
        left_out=() if p.exclude is None else (p.exclude,),
        things=() if p.session is None else (p.session,),
        by=p.by,
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Ticks and counts by customer, segment and period, and every length."""
    found = visited(bucket, narrowed(EVERYTHING, p.where), session_rule(p, bucket.settings))
    ticks = ticks_until_next(found.rows.time, found.starts)
    clock = bucket.clock
    wanted = bucket.mask(_measured(p))[found.rows.kind]
    wanted &= (found.rows.time >= clock.since) & (found.rows.time < clock.until)
    rows, ticks = found.rows.take(wanted), ticks[wanted]
    parts = [_of_grouping(p, bucket, rows, ticks, grouping) for grouping in groupings(bucket, p.by)]
    return {name: table.merge([part[name] for part in parts]) for name, table in STATE.items()}


def _of_grouping(p: Parameters, bucket: Bucket, rows: Rows, ticks: Int64s, grouping: Grouping) -> State:
    period = bucket.period(rows, p.every)
    labels = grouping.labels(grouping.rows_in(rows, bucket.clock.periods(p.every), period))
    customer, ones = rows.customer, np.ones(len(rows), np.int64)
    timed = (ticks >= 0).astype(np.int64)
    spent = np.maximum(ticks, 0)
    keys = (customer, period, labels)
    has_time = np.flatnonzero(timed)
    return {
        "all": moments(*keys, spent, ones),
        "timed": moments(*keys, spent, timed),
        "last": moments(*keys, 1 - timed, ones),
        "durations": durations(labels.take(has_time), period[has_time], ticks[has_time]),
    }


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: time together, each and a customer, and the share that has none."""
    clock, per_second = context.clock, context.clock.ticks_per_second
    rows = by_period(state["all"], clock, p.every)
    timed, last = (on_grid(state[name], rows.grid) for name in ("timed", "last"))
    groups, middle = quantile(state["durations"], "value", "count", 0.5, list(SEGMENT_AND_PERIOD))
    spent, _, squares, *_, customers = rows.floats(*MOMENTS.values)
    ended, of_timed, without = rows.whole("y"), timed.whole("y"), last.whole("x")
    columns: dict[str, ViewColumn] = {
        "mean_seconds": quotient(spent, of_timed, per_second),
        "seconds_per_customer": quotient(spent, customers, per_second),
        "last_share": quotient(without, ended),
        "median_seconds": rows.grid.beside(groups, middle) / per_second,
        "seconds": spent / per_second,
        "events": ended,
        "timed_events": of_timed,
        "last_events": without,
        "customers": rows.whole("n"),
        "timed_customers": timed.whole("n"),
    }
    mean, each = clustered_ratio(*timed.floats(*MOMENTS.values)), mean_interval(spent, squares, customers)
    low, high = clustered_ratio(*last.floats(*MOMENTS.values))
    columns |= interval((mean[0] / per_second, mean[1] / per_second), *_bounds("mean_seconds"))
    columns |= interval((each[0] / per_second, each[1] / per_second), *_bounds("seconds_per_customer"))
    columns |= interval((np.clip(low, 0, 1), np.clip(high, 0, 1)), *_bounds("last_share"))
    no_times = np.full(len(ended), clock.date_only)
    said = flags(rows.grid, timed.whole("n"), {"no_times": no_times})
    return View(
        table=rows.grid.table({**(without_seconds(columns) if clock.date_only else columns), "flags": said}),
        measures=_MEASURES,
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *_COLUMNS, "complete"),
        semantics=_semantics(p, context.settings),
    )


def _bounds(name: str) -> tuple[str, str]:
    return f"{name}_ci_low", f"{name}_ci_high"


_MEASURES = (
    Measure("mean_seconds", "seconds", "seconds", "timed_events", "timed_customers", *_bounds("mean_seconds")),
    Measure("median_seconds", "seconds", n="timed_customers"),
    Measure("seconds", "seconds"),
    Measure("events", "count"),
    Measure("customers", "count"),
    Measure("seconds_per_customer", "seconds", "seconds", "customers", "customers", *_bounds("seconds_per_customer")),
    Measure("last_share", "share", "last_events", "events", "customers", *_bounds("last_share")),
)


def _semantics(p: Parameters, settings: Settings) -> str:
    within = f" of rows where {p.where}" if p.where is not None else ""
    ends = rule_words(session_rule(p, settings))
    return (
        f"from {p.events} until the next event of the session, {p.every.words}; a session's last event has no time; "
        f"sessions{within}{ends}; intervals by customer"
    )
