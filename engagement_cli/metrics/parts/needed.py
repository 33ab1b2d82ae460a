"""Which selections some row must match, so that a metric means anything, and which may match none."""

from __future__ import annotations

from collections.abc import Iterable

from engagement_cli.settings.values import Selection


def required_and_optional(selections: Iterable[Selection]) -> tuple[tuple[Selection, ...], tuple[Selection, ...]]:
    """What must occur: the events named, since a name that no row has is a mistake. What need not: their predicates."""
    distinct = tuple(dict.fromkeys(selections))
    required = dict.fromkeys(Selection(events=s.events) for s in distinct if s.events is not None)
    return tuple(required), tuple(s for s in distinct if s not in required)
