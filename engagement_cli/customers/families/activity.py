"""When customers came, how often, and how long they have been silent."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from engagement_cli.customers.family import COUNT, DATE, FLAG, NUMBER, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import known_values, local_date, moments_of
from engagement_cli.kernels.decimals import over
from engagement_cli.native.visits import NEVER, visits
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.activity import DAY
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.weights import report_end


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """First and last day, days silent, the usual gap; active days and events of the window."""
    days = settings.score.window.days
    return {
        "first_seen": Column(DATE, None, "day of the first active event"),
        "last_seen": Column(DATE, None, "day of the last active event"),
        "days_silent": Column(NUMBER, "days", "days from the last active event to the report's end"),
        "usual_gap_days": Column(NUMBER, "days", "median of the days between one active day and the next"),
        "tenure_days": Column(NUMBER, "days", "days from the first active event to the report's end"),
        "active": Column(FLAG, None, f"has an active event in the last {days} days"),
        "active_days": Column(COUNT, "count", f"active days in the last {days} days"),
        "active_days_before": Column(COUNT, "count", f"active days in the {days} days before these"),
        "active_events": Column(COUNT, "count", f"active events in the last {days} days"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Events are all it takes."""
    return None if "events" in known else no_export("events")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def needs(settings: Settings, known: Known) -> Needs:
    """Active events."""
    return Needs(optional=(settings.active_selection(),), of_customers=True, population=True)


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Instants in ticks; days are doubled, so that their medians are whole, and null with fewer than two."""
    active, windows = bucket.mask(bucket.settings.active_selection()), moments_of(bucket)
    bounds = [(window.begins, window.ends) for window in windows.values()]
    came = visits(
        bucket.histories(bucket.rows), bucket.period(bucket.rows, DAY), active, report_end(bucket.clock), bounds
    )
    came_ever = came.last != NEVER
    found: dict[str, Values] = {
        "_first": known_values(came.first, came_ever),
        "_last": known_values(came.last, came_ever),
        "_gap": known_values(came.gap, came.gap > 0),
    }
    for ending, days, events in zip(windows, came.days, came.events, strict=True):
        found |= {f"active_days{ending}": days, f"active_events{ending}": events}
    return found


def finish(table: Piece, scene: Scene) -> Makers:
    """Ticks as days."""
    clock, end = scene.clock, report_end(scene.clock)
    return {
        "active": lambda: table["active_events"] > 0,
        "first_seen": lambda: local_date(table["_first"], clock),
        "last_seen": lambda: local_date(table["_last"], clock),
        "days_silent": lambda: over(end - table["_last"], clock.day),
        "usual_gap_days": lambda: table["_gap"] / 2,
        "tenure_days": lambda: over(end - table["_first"], clock.day),
    }
