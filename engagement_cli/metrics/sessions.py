"""Sessions per period: how many, by how many customers, how long, how full.

What: sessions that begin in the period, the customers who had them, their length, their events, and those of one event.
Formula: a session ends after a gap greater than `gap`. Its length is its last event less its first; a single event
    lasts 0 s and is in the mean and the median. sessions_per_customer = sessions ÷ customers with a session;
    mean_seconds = Σ length ÷ sessions; events_per_session = Σ events ÷ sessions; single_event_share = sessions of one
    event ÷ sessions; seconds_per_customer (time on platform) = Σ length ÷ customers with a session.
Reads: events, also before `since` (a session under way then does not begin in range) and past `until` (it runs on).
Parameters: events (which rows form sessions; default all), exclude (system events that neither open nor extend a
    session), gap (default: session_gap), split_midnight, cap (such as 24h: an event that long after the session's first
    opens a new one; default none), session (a column with an exported session id: a session is then a distinct customer
    and id, and rows without an id are in none), every, by (event columns: of the session's first event).
Example:
    >>> from engagement_cli.metrics.sessions import Parameters
    >>> str(Parameters.model_validate({"type": "sessions", "gap": "10m", "exclude": "heartbeat"}).exclude)
    'heartbeat'

Source: this program's definitions. Ratios have a customer-clustered 95 % interval (delta method); medians are exact.
    Deng, Knoblich and Lu (2018), "Applying the Delta Method in Metric Analytics".
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engagement_cli.kernels.arrays import same
from engagement_cli.kernels.intervals import Floats, clustered_ratio
from engagement_cli.metrics.parts.grid import Grid, Shown, ViewColumn, table
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.period_rows import PeriodRows, by_period, flags, interval, on_grid, quotient
from engagement_cli.metrics.parts.session_parameters import SessionParameters, rule_words, session_rule
from engagement_cli.metrics.parts.session_sums import (
    DURATIONS,
    SUMS,
    WHOLE_RANGE,
    durations,
    sums_of_sessions,
    without_seconds,
)
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import EVERYTHING, Needs, narrowed
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import State
from engagement_cli.timeline.visits import sessions

STATE = {"sums": SUMS, "durations": DURATIONS}

COLUMNS = (
    "sessions",
    "customers",
    "sessions_per_customer",
    "mean_seconds",
    "median_seconds",
    "events_per_session",
    "single_event_sessions",
    "single_event_share",
    "seconds_per_customer",
)
# Each quotient: the unit, and the sums above and below it.
_QUOTIENTS = {
    "sessions_per_customer": ("ratio", "sessions", "customers"),
    "mean_seconds": ("seconds", "ticks", "sessions"),
    "events_per_session": ("ratio", "events", "sessions"),
    "single_event_share": ("share", "single", "sessions"),
    "seconds_per_customer": ("seconds", "ticks", "customers"),
}


class Parameters(SessionParameters):
    """What a session is made of and what ends it."""

    type: Literal["sessions"]
    events: Select = EVERYTHING


def sessions_of(p: Parameters) -> Selection:
    """The rows that form sessions."""
    return narrowed(p.events, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The rows that form sessions, and those that must not."""
    required, optional = required_and_optional([sessions_of(p)])
    return Needs(
        selections=required,
        optional=optional,
        left_out=() if p.exclude is None else (p.exclude,),
        things=() if p.session is None else (p.session,),
        by=p.by,
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Sums over customers and the lengths of sessions, by segment and period, and for the whole range."""
    parts = [_of_grouping(p, bucket, grouping) for grouping in groupings(bucket, p.by)]
    return {name: table.merge([part[name] for part in parts]) for name, table in STATE.items()}


def _of_grouping(p: Parameters, bucket: Bucket, grouping: Grouping) -> State:
    found = sessions(bucket, sessions_of(p), session_rule(p, bucket.settings)).starting_in_range(bucket)
    period = bucket.period(found.first, p.every)
    group = grouping.rows_in(found.first, bucket.clock.periods(p.every), period)
    ticks = found.end - found.first.time
    return {
        "sums": sums_of_sessions(grouping, found.first.customer, period, group, ticks, found.events),
        "durations": durations(grouping.labels(group), period, ticks),
    }


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period; totals over the whole range under the same names."""
    clock = context.clock
    rows = by_period(state["sums"], clock, p.every)
    groups, middle = quantile(state["durations"], "value", "count", 0.5, list(SEGMENT_AND_PERIOD))
    columns = _finished(rows, rows.grid.beside(groups, middle), clock)
    no_times = np.full(len(rows.grid), clock.date_only)
    return View(
        table=rows.grid.table({**columns, "flags": flags(rows.grid, rows.whole("customers"), {"no_times": no_times})}),
        measures=_measures(),
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *COLUMNS, "complete"),
        semantics=_semantics(p, context.settings),
        totals=_totals(p, state, rows.grid.names, clock),
    )


def _finished(rows: PeriodRows, middle: Floats, clock: Clock) -> dict[str, ViewColumn]:
    """The quotients, their intervals and the median in seconds, from sums in ticks; dates alone have no seconds."""
    ticks_per_second = clock.ticks_per_second
    columns: dict[str, ViewColumn] = {"median_seconds": middle / ticks_per_second}
    for name, (unit, above, below) in _QUOTIENTS.items():
        scale = ticks_per_second if unit == "seconds" else 1
        product = {"customers": above, "sessions": f"{above}_sessions"}[below]
        squares = {"customers": "customers", "sessions": "sessions_sessions"}[below]
        sums = rows.floats(above, below, f"{above}_{above}", squares, product, "customers")
        low, high = clustered_ratio(*sums)
        if unit == "share":
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        columns |= interval((low / scale, high / scale), f"{name}_ci_low", f"{name}_ci_high")
        columns[name] = quotient(sums[0], sums[1], scale)
    columns |= {name: rows.whole(name) for name in ("sessions", "customers", "events")}
    columns |= {"single_event_sessions": rows.whole("single"), "seconds": rows.floats("ticks")[0] / ticks_per_second}
    return without_seconds(columns) if clock.date_only else columns


def _measures() -> tuple[Measure, ...]:
    behind = {"ticks": "seconds", "single": "single_event_sessions"}
    quotients = {
        name: Measure(
            name, unit, behind.get(above, above), below, "customers", ci_low=f"{name}_ci_low", ci_high=f"{name}_ci_high"
        )
        for name, (unit, above, below) in _QUOTIENTS.items()
    }
    plain = {
        "sessions": Measure("sessions", "count"),
        "customers": Measure("customers", "count"),
        "median_seconds": Measure("median_seconds", "seconds", n="customers"),
        "single_event_sessions": Measure("single_event_sessions", "count"),
    }
    return tuple((quotients | plain)[name] for name in COLUMNS)


def _totals(p: Parameters, state: State, names: tuple[str, ...], clock: Clock) -> dict[str, Any]:
    """The whole range: everybody under the columns' names, and every segment as a row of `segments`."""
    once = np.ones(1, np.bool_)
    grid = Grid(names, Shown(WHOLE_RANGE, (None,), (None,), once, once), np.arange(len(names)), same(0, len(names)))
    groups, middle = quantile(state["durations"], "value", "count", 0.5, ["segments"])
    columns = _finished(on_grid(state["sums"], grid), grid.spread(grid.segments_of(groups), middle, np.nan), clock)
    everybody, *others = table({name: columns[name] for name in COLUMNS}).to_dicts()
    if not p.by:
        return everybody
    return {**everybody, "segments": [{"segments": name, **row} for name, row in zip(names[1:], others, strict=True)]}


def _semantics(p: Parameters, settings: Settings) -> str:
    ends = rule_words(session_rule(p, settings))
    return (
        f"sessions of {sessions_of(p)}{ends}; in the period in which they begin, {p.every.words}; "
        "single events last 0 s; intervals by customer"
    )
