"""All families of columns of the customer table, in the order in which they are finished: later ones read earlier."""

from __future__ import annotations

from engagement_cli.customers.families import (
    activity,
    dimensions,
    features,
    feedback,
    ladder,
    matrix,
    preferences,
    properties,
    referrals,
    rfm,
    rules,
    score,
    spending,
    subscriptions,
    support,
    value,
    visits,
)
from engagement_cli.customers.family import Family, Ranking

FAMILIES: dict[str, Family] = {
    "properties": properties,
    "activity": activity,
    "visits": visits,
    "score": score,
    "ladder": ladder,
    "spending": spending,
    "rfm": rfm,
    "subscriptions": subscriptions,
    "value": value,
    "referrals": referrals,
    "feedback": feedback,
    "dimensions": dimensions,
    "matrix": matrix,
    "support": support,
    "features": features,
    "preferences": preferences,
    "rules": rules,
}

# Those that compare customers with each other; the second look up what the first have found of all.
RANKINGS: tuple[dict[str, Ranking], ...] = (
    {"score": score, "rfm": rfm, "referrals": referrals, "matrix": matrix, "support": support},
    {"dimensions": dimensions},
)
