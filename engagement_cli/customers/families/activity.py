"""When customers came, how often, and how long they have been silent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import polars as pl

from engagement_cli.customers.family import COUNT, DATE, NUMBER, Column, Known, Scene, Values
from engagement_cli.customers.windows import (
    active_history,
    count_by_customer,
    days_active,
    local_date,
    moments,
    spread,
    within,
)
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.sessions import Parameters as Sessions
from engagement_cli.metrics.sessions import session_rule, sessions_of
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.activity import DAY
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.visits import sessions
from engagement_cli.timeline.weights import Window, report_end


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """First and last day, days silent, the usual gap; active days, events and sessions of the window."""
    days = settings.score.window.days
    return {
        "first_seen": Column(DATE, None, "day of the first active event"),
        "last_seen": Column(DATE, None, "day of the last active event"),
        "days_silent": Column(NUMBER, "days", "days from the last active event to the report's end"),
        "usual_gap_days": Column(NUMBER, "days", "median of the days between one active day and the next"),
        "tenure_days": Column(NUMBER, "days", "days from the first active event to the report's end"),
        "active_days": Column(COUNT, "count", f"active days in the last {days} days"),
        "active_days_before": Column(COUNT, "count", f"active days in the {days} days before these"),
        "active_events": Column(COUNT, "count", f"active events in the last {days} days"),
        "sessions": Column(COUNT, "count", f"sessions that begin in the last {days} days"),
        "sessions_before": Column(COUNT, "count", f"sessions that begin in the {days} days before these"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Events are all it takes."""
    return None if "events" in known else "no events export"


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def _sessions(settings: Settings) -> Sessions:
    """Sessions as the metric `sessions` cuts them, so that both count the same."""
    entry = settings.metrics.get("sessions")
    return entry if isinstance(entry, Sessions) else Sessions(type="sessions")


def needs(settings: Settings, known: Known) -> Needs:
    """Active events, and the rows that form sessions."""
    rule = session_rule(_sessions(settings), settings)
    optional = [settings.active_selection(), sessions_of(_sessions(settings))]
    return Needs(
        optional=tuple(optional if rule.excluded is None else [*optional, rule.excluded]),
        things=() if rule.exported is None else (rule.exported,),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Instants in ticks, days doubled so that their medians are whole."""
    active = active_history(bucket)
    at = starts(active.customer)
    last = at + lengths(at, len(active)) - 1
    who = active.customer[at]
    found: dict[str, Values] = {
        "_first": spread(bucket, who, pl.Series(active.time[at])),
        "_last": spread(bucket, who, pl.Series(active.time[last])),
        "_gap": _gaps(bucket),
    }
    for ending, window in moments(bucket.clock, bucket.settings).items():
        mine = within(active, window)
        day = starts(mine.customer, bucket.period(mine, DAY))
        found[f"active_days{ending}"] = count_by_customer(bucket, mine.customer[day])
        found[f"active_events{ending}"] = count_by_customer(bucket, mine.customer)
        found[f"sessions{ending}"] = _sessions_within(bucket, window)
    return found


def _gaps(bucket: Bucket) -> pl.Series:
    days = days_active(bucket)
    same = days.customer[1:] == days.customer[:-1]
    gaps = pl.DataFrame({"customer": days.customer[1:][same], "_gap": np.diff(days.period)[same]})
    median = gaps.group_by("customer").agg((pl.col("_gap").median() * 2).cast(pl.Int64))
    return spread(bucket, median["customer"].to_numpy(), median["_gap"])


def _sessions_within(bucket: Bucket, window: Window) -> Values:
    entry = _sessions(bucket.settings)
    first = sessions(bucket, sessions_of(entry), session_rule(entry, bucket.settings)).first
    inside = (first.time >= window.begins) & (first.time < window.ends)
    return count_by_customer(bucket, first.customer[inside])


def finish(table: pl.DataFrame, scene: Scene) -> Sequence[pl.Expr | pl.Series]:
    """Ticks as days."""
    clock = scene.clock
    end = report_end(clock)
    return [
        local_date(pl.col("_first"), clock).alias("first_seen"),
        local_date(pl.col("_last"), clock).alias("last_seen"),
        ((end - pl.col("_last")) / clock.day).alias("days_silent"),
        (pl.col("_gap") / 2).alias("usual_gap_days"),
        ((end - pl.col("_first")) / clock.day).alias("tenure_days"),
    ]
