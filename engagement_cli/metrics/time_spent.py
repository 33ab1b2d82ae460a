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

from collections.abc import Mapping
from typing import Literal

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import over
from engagement_cli.kernels.intervals import clustered_ratio, mean_interval
from engagement_cli.kernels.sessions import ticks_until_next
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.period_rows import by_period, divided, flags, floats, quotient, with_interval
from engagement_cli.metrics.parts.session_parameters import SessionParameters, rule_words, session_rule
from engagement_cli.metrics.parts.session_sums import DURATIONS, durations
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
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
    bounds = bucket.clock.periods(p.every).bounds
    labels = grouping.labels(grouping.rows(rows, bounds[np.clip(period, 0, len(bounds) - 2)]))
    customer, ones = rows.customer.astype(np.int64), np.ones(len(rows), np.int64)
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
    clock, keys = context.clock, list(SEGMENT_AND_PERIOD)
    sums = {name: by_period(state[name].frame(), clock, p.every) for name in ("all", "timed", "last")}
    middle = quantile(state["durations"], "value", "count", 0.5, keys)
    table = sums["all"].join(middle, on=keys, how="left", maintain_order="left")
    table = table.with_columns(timed=sums["timed"]["y"], last=sums["last"]["x"])
    per_second = clock.ticks_per_second
    table = table.with_columns(
        mean_seconds=quotient(table, "x", "timed", per_second),
        seconds_per_customer=quotient(table, "x", "n", per_second),
        last_share=divided("last", "y"),
        median_seconds=over(table["value"], per_second),
        seconds=over(table["x"], per_second),
        events=pl.col("y").cast(pl.Int64),
        timed_events=pl.col("timed").cast(pl.Int64),
        last_events=pl.col("last").cast(pl.Int64),
        customers=pl.col("n").cast(pl.Int64),
        timed_customers=sums["timed"]["n"].cast(pl.Int64),
    )
    table = _with_intervals(table, sums, per_second)
    no_times = pl.when(pl.lit(clock.date_only)).then(pl.lit("no_times"))
    table = flags(_undated(table, clock), "timed_customers", [no_times])
    return View(
        table=table.drop(*(name for name in (*MOMENTS.values, "timed", "last", "value", "period", "reliable"))),
        measures=_MEASURES,
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *_COLUMNS, "complete"),
        semantics=_semantics(p, context.settings),
    )


def _with_intervals(table: pl.DataFrame, sums: Mapping[str, pl.DataFrame], per_second: int) -> pl.DataFrame:
    columns = ("x", "y", "xx", "yy", "xy", "n")
    mean = clustered_ratio(*floats(sums["timed"], *columns))
    share = clustered_ratio(*floats(sums["last"], *columns))
    each = mean_interval(*floats(sums["all"], "x", "xx", "n"))
    table = with_interval(table, (mean[0] / per_second, mean[1] / per_second), *_bounds("mean_seconds"))
    table = with_interval(table, (each[0] / per_second, each[1] / per_second), *_bounds("seconds_per_customer"))
    return with_interval(table, (np.clip(share[0], 0, 1), np.clip(share[1], 0, 1)), *_bounds("last_share"))


def _bounds(name: str) -> tuple[str, str]:
    return f"{name}_ci_low", f"{name}_ci_high"


def _undated(table: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Dates alone have no seconds."""
    lasting = [name for name in table.columns if "seconds" in name.split("_")]
    return table.with_columns(pl.lit(None, pl.Float64).alias(name) for name in lasting) if clock.date_only else table


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
