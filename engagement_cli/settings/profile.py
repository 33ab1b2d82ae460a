"""What the one-row-a-customer table reads: which events are purchases, tickets, feature uses; how it divides people."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engagement_cli.settings.predicate import Predicate
from engagement_cli.settings.values import Duration, Names, Strict, parse_duration

Percentile = Annotated[float, Field(ge=0, le=100)]


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
    tickets: Tickets = Tickets.model_construct()
    matrix: Matrix = Matrix.model_construct()
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
