"""The canonical fields of every source: what kind of cell each is, and which a source cannot do without."""

from __future__ import annotations

from typing import Literal

# Ids and texts stay text, instants become ticks, numbers fixed point or Float64; a property keeps its own type.
Kind = Literal["id", "text", "instant", "number", "property"]

FIELDS: dict[str, dict[str, Kind]] = {
    "events": {
        "customer": "id",
        "event": "text",
        "timestamp": "instant",
        "value": "number",
        "id": "id",
        "order": "id",
    },
    "surveys": {"customer": "id", "survey": "text", "timestamp": "instant", "score": "number", "comment": "text"},
    "subscriptions": {
        "customer": "id",
        "plan": "text",
        "started": "instant",
        "ended": "instant",
        "trial_ends": "instant",
        "mrr": "number",
        "amount": "number",
        "billing": "text",
    },
    "customers": {"customer": "id", "referred_by": "id", "acquisition_cost": "number", "service_cost": "number"},
    "audience": {
        "date": "instant",
        "account": "text",
        "followers": "number",
        "reach": "number",
        "impressions": "number",
        "mentions": "number",
        "sentiment": "number",
    },
    "identities": {"alias": "id", "customer": "id"},
}

REQUIRED: dict[str, tuple[str, ...]] = {
    "events": ("customer", "event", "timestamp"),
    "surveys": ("customer", "score"),
    "subscriptions": ("customer", "started"),
    "customers": ("customer",),
    "audience": ("date",),
    "identities": ("alias", "customer"),
}

SOURCES = tuple(FIELDS)


def kind_of(source: str, field: str) -> Kind:
    """The kind of a field of a source; a name that is not canonical is a property."""
    return FIELDS[source].get(field, "property")
