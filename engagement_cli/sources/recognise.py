"""Column names that are understood without a mapping.

Names are compared without case and punctuation: `User ID`, `user_id` and `userId` are one name. Every field has ranks
of names; the first rank with a hit decides, and two hits of one rank are an error that asks for a mapping.
"""

from __future__ import annotations

from collections.abc import Iterable

Ranks = tuple[tuple[str, ...], ...]

_CUSTOMER: Ranks = (
    ("customer", "user_id", "customer_id"),
    ("distinct_id", "person_id", "member_id", "subscriber_id", "client_id", "visitor_id"),
    ("user", "uid", "cust_id", "customer_number", "customer_no"),
    ("account_id",),
)

RECOGNISED: dict[str, dict[str, Ranks]] = {
    "events": {
        "customer": _CUSTOMER,
        "event": (("event",), ("event_name",), ("event_type", "action", "activity"), ("name", "type")),
        "timestamp": (
            ("timestamp",),
            ("occurred_at", "event_time", "event_timestamp", "event_at"),
            ("time", "ts", "datetime", "date_time"),
            ("created_at",),
            ("date", "event_date", "invoice_date", "order_date", "day"),
        ),
        "value": (("value",), ("revenue",), ("amount",), ("total",)),
        "id": (("event_id",), ("insert_id", "message_id", "uuid"), ("id",)),
        "order": (("order",), ("order_id",), ("invoice_no", "invoice_id", "invoice"), ("transaction_id",)),
    },
    "surveys": {
        "customer": _CUSTOMER,
        "survey": (("survey",), ("survey_type", "survey_kind", "survey_name"), ("kind", "type")),
        "timestamp": (
            ("timestamp",),
            ("answered_at", "responded_at", "submitted_at", "response_date"),
            ("occurred_at", "time", "ts", "datetime", "at"),
            ("created_at",),
            ("date", "day"),
        ),
        "score": (("score",), ("answer",), ("rating",), ("nps", "csat", "ces")),
        "comment": (("comment",), ("feedback",), ("text",), ("comments",)),
    },
    "subscriptions": {
        "customer": _CUSTOMER,
        "plan": (("plan",), ("plan_name", "plan_id"), ("product", "tier")),
        "started": (("started",), ("started_at", "start_date", "start"), ("created_at",)),
        "ended": (
            ("ended",),
            ("ended_at", "end_date", "end"),
            ("cancelled_at", "canceled_at", "churned_at"),
        ),
        "trial_ends": (("trial_ends",), ("trial_ends_at", "trial_end", "trial_end_date", "trial_ended_at")),
        "mrr": (("mrr",), ("monthly_recurring_revenue",)),
        "amount": (("amount",), ("price",)),
        "billing": (("billing",), ("billing_interval", "billing_period", "billing_cycle"), ("interval",)),
    },
    "customers": {
        "customer": (*_CUSTOMER, ("id",)),
        "referred_by": (("referred_by",), ("referrer_id", "referred_by_id"), ("referrer",)),
        "acquisition_cost": (("acquisition_cost",), ("cac",)),
        "service_cost": (("service_cost",), ("cost_to_serve",)),
    },
    "audience": {
        "date": (("date",), ("day",), ("timestamp", "time", "recorded_at")),
        "account": (("account",), ("page", "channel", "profile")),
        "followers": (("followers",), ("follower_count", "followers_count", "fans")),
        "reach": (("reach",),),
        "impressions": (("impressions",),),
        "mentions": (("mentions",), ("brand_mentions",)),
        "sentiment": (("sentiment",),),
    },
    "identities": {
        "alias": (("alias",), ("anonymous_id", "alias_id"), ("anon_id", "previous_id", "device_id")),
        "customer": _CUSTOMER,
    },
}


def normalise(name: str) -> str:
    """A column name as it is compared: case-folded, letters and digits only."""
    return "".join(c for c in name.casefold() if c.isalnum())


def candidates(source: str, field: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns of the first rank that has any: none, the one, or several that are equally good."""
    names = {column: normalise(column) for column in columns}
    for rank in RECOGNISED[source].get(field, ()):
        wanted = {normalise(name) for name in rank}
        if hits := tuple(column for column, name in names.items() if name in wanted):
            return hits
    return ()


def recognised_names(source: str, field: str) -> list[str]:
    """All names that are understood as a field, best first."""
    return [name for rank in RECOGNISED[source].get(field, ()) for name in rank]
