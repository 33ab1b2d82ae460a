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

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import polars as pl

from engagement_cli.kernels.decimals import over
from engagement_cli.kernels.intervals import clustered_ratio
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.period_rows import added, by_period, flags, floats, quotient, with_interval
from engagement_cli.metrics.parts.session_parameters import SessionParameters, rule_words, session_rule
from engagement_cli.metrics.parts.session_sums import DURATIONS, SUMS, WHOLE_RANGE, durations, sums_of_sessions
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
    bounds = bucket.clock.periods(p.every).bounds
    group = grouping.rows(found.first, bounds[np.clip(period, 0, len(bounds) - 2)])
    ticks = found.end - found.first.time
    return {
        "sums": sums_of_sessions(grouping, found.first.customer, period, group, ticks, found.events),
        "durations": durations(grouping.labels(group), period, ticks),
    }


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period; totals over the whole range under the same names."""
    clock, keys = context.clock, list(SEGMENT_AND_PERIOD)
    per_period = by_period(state["sums"].frame(), clock, p.every)
    middle = quantile(state["durations"], "value", "count", 0.5, keys)
    table = _finished(per_period.join(middle, on=keys, how="left", maintain_order="left"), clock)
    return View(
        table=flags(table, "customers", [pl.when(pl.lit(clock.date_only)).then(pl.lit("no_times"))]),
        measures=_measures(),
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *COLUMNS, "complete"),
        semantics=_semantics(p, context.settings),
        totals=_totals(p, state, clock),
    )


def _finished(table: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """The quotients, their intervals and the median in seconds, from sums in ticks; dates alone have no seconds."""
    ticks_per_second = clock.ticks_per_second
    table = table.with_columns(
        pl.col("customers", "sessions", "events", "ticks", "single").fill_null(0),
        median_seconds=over(table["value"], ticks_per_second),
    )
    for name, (unit, above, below) in _QUOTIENTS.items():
        scale = ticks_per_second if unit == "seconds" else 1
        product = {"customers": above, "sessions": f"{above}_sessions"}[below]
        squares = {"customers": "customers", "sessions": "sessions_sessions"}[below]
        columns = (above, below, f"{above}_{above}", squares, product, "customers")
        low, high = clustered_ratio(*floats(table, *columns))
        if unit == "share":
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        table = with_interval(table, (low / scale, high / scale), f"{name}_ci_low", f"{name}_ci_high")
        table = added(table, quotient(table, above, below, scale).alias(name))
    table = table.with_columns(
        pl.col("sessions", "customers").cast(pl.Int64),
        pl.col("single").cast(pl.Int64).alias("single_event_sessions"),
        seconds=over(table["ticks"], ticks_per_second),
    )
    lasting = [name for name in table.columns if "seconds" in name.split("_")]
    return table.with_columns(pl.lit(None, pl.Float64).alias(name) for name in lasting) if clock.date_only else table


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


def _totals(p: Parameters, state: State, clock: Clock) -> dict[str, Any]:
    """The whole range: everybody under the columns' names, and every segment as a row of `segments`."""
    sums = state["sums"].frame().filter(pl.col("period") == WHOLE_RANGE)
    everybody = pl.DataFrame({"segments": [""]})
    sums = pl.concat([everybody, sums.select("segments")]).unique().sort("segments").join(sums, "segments", how="left")
    middle = quantile(state["durations"], "value", "count", 0.5, ["segments"])
    table = _finished(sums.join(middle, "segments", how="left"), clock).sort("segments")
    rows: Sequence[dict[str, Any]] = table.select("segments", *COLUMNS).to_dicts()
    totals = {name: value for name, value in rows[0].items() if name != "segments"}
    return {**totals, "segments": list(rows[1:])} if p.by else totals


def _semantics(p: Parameters, settings: Settings) -> str:
    ends = rule_words(session_rule(p, settings))
    return (
        f"sessions of {sessions_of(p)}{ends}; in the period in which they begin, {p.every.words}; "
        "single events last 0 s; intervals by customer"
    )
