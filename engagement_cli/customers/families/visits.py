"""Sessions, as the metric `sessions` cuts them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from engagement_cli.customers.family import COUNT, Column, Known, Scene, Values, no_export
from engagement_cli.customers.piece import Makers, Piece
from engagement_cli.customers.windows import count_by_customer, moments_of
from engagement_cli.metrics.parts.session_parameters import session_rule
from engagement_cli.metrics.sessions import Parameters as Sessions
from engagement_cli.metrics.sessions import sessions_of
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.visits import sessions


def columns(settings: Settings, known: Known) -> Mapping[str, Column]:
    """Sessions of the window and of the one before."""
    days = settings.score.window.days
    return {
        "sessions": Column(COUNT, "count", f"sessions that begin in the last {days} days"),
        "sessions_before": Column(COUNT, "count", f"sessions that begin in the {days} days before these"),
    }


def lacking(settings: Settings, known: Known) -> str | None:
    """Events are all it takes."""
    return None if "events" in known else no_export("events")


def reads(settings: Settings, wanted: AbstractSet[str]) -> AbstractSet[str]:
    """Nothing of other families."""
    return frozenset()


def _entry(settings: Settings) -> Sessions:
    """The metric of that name, so that both count the same."""
    entry = settings.metrics.get("sessions")
    return entry if isinstance(entry, Sessions) else Sessions(type="sessions")


def needs(settings: Settings, known: Known) -> Needs:
    """The rows that form sessions, those that must not, and an exported session's id."""
    rule = session_rule(_entry(settings), settings)
    formed = sessions_of(_entry(settings))
    return Needs(
        optional=(formed,) if rule.excluded is None else (formed, rule.excluded),
        things=() if rule.exported is None else (rule.exported,),
        of_customers=True,
        population=True,
    )


def rows(bucket: Bucket) -> Mapping[str, Values]:
    """Counts by window: a session is in that in which it begins."""
    entry = _entry(bucket.settings)
    first = sessions(bucket, sessions_of(entry), session_rule(entry, bucket.settings)).first
    found: dict[str, Values] = {}
    for ending, window in moments_of(bucket).items():
        found[f"sessions{ending}"] = count_by_customer(bucket, first.within(window.begins, window.ends).customer)
    return found


def finish(table: Piece, scene: Scene) -> Makers:
    """They are finished as they are."""
    return {}
