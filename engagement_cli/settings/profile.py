"""What the one-row-a-customer table reads: which events are purchases, tickets, feature uses; how it divides people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engagement_cli.settings.predicate import Predicate
from engagement_cli.settings.scoring import RUNGS
from engagement_cli.settings.values import Duration, Names, Strict, parse_duration

if TYPE_CHECKING:
    from engagement_cli.settings.model import Settings

Percentile = Annotated[float, Field(ge=0, le=100)]
_LEVELS = ("high", "low")
_FLAGS = ("active", "paying", "in_trial", "former_subscriber")


class Tickets(Strict):
    """Support tickets: the events that open and close one, the column of its id, how long one may stay open."""

    opened: Names = ("ticket_opened",)
    resolved: Names = ("ticket_resolved", "ticket_closed")
    key: str = "ticket_id"
    limit: Duration = parse_duration("3d")


class Matrix(Strict):
    """From where on value and influence are high, each as a percentile of the customers."""

    value: Percentile = 50.0
    influence: Percentile = 50.0


class Profile(Strict):
    """The events and columns behind the customer table; an event or column that the export lacks is left out."""

    purchases: Names = ("purchase", "order", "order_completed")
    refunds: Names = ("refund",)
    features: Names = Field(("feature_used",), description="events that use a feature")
    feature: str = Field("feature", description="the events' column with the feature's name")
    category: str = Field("category", description="the events' column of which the leading value is shown")
    channel: str = "channel"
    tickets: Tickets = Tickets()
    matrix: Matrix = Matrix()
    rfm: dict[str, Predicate] = Field(
        default_factory=lambda: dict(RFM_SEGMENTS),
        description="named segments by recency_score, frequency_score and monetary_score, 1 to 5; the first that fits",
    )


RFM_SEGMENTS: dict[str, str] = {
    "champions": "recency_score >= 4 AND frequency_score >= 4",
    "loyal": "recency_score >= 3 AND frequency_score >= 3",
    "promising": "recency_score >= 4",
    "slipping": "recency_score <= 2 AND frequency_score >= 3",
    "needs attention": "recency_score = 3",
    "hibernating": "recency_score <= 2",
}


def rule_of(column: str, settings: Settings) -> str | None:
    """The SQL of a column of the customer table that the configuration's rules make; None for others."""
    if column in settings.signals:
        return settings.signals[column].where
    return settings.segments[column].where if column in settings.segments else None


def values_in_order(column: str, settings: Settings) -> tuple[str, ...]:
    """The values that a column of the customer table may have, where the configuration says them, from the lowest."""
    bands, rungs = tuple(settings.score.bands), ("none", *RUNGS)
    quadrants = tuple(f"{value} value, {influence} influence" for value in _LEVELS for influence in _LEVELS)
    known = {
        "band": bands,
        "band_before": bands,
        "rung": rungs,
        "rung_before": rungs,
        "rung_move": ("up", "same", "down"),
        "trend": ("up", "steady", "down"),
        "rfm_segment": tuple(settings.profile.rfm),
        "quadrant": quadrants,
        "quadrant_before": quadrants,
        "nps_group": ("promoter", "passive", "detractor"),
        "advocacy": ("advocate", "neither", "detractor"),
    }
    return known.get(column, ())


def says_of_customers(name: str, settings: Settings) -> bool:
    """Whether a name is a column of the customer table that divides customers, other than a property or preference."""
    return name in _FLAGS or rule_of(name, settings) is not None or bool(values_in_order(name, settings))
