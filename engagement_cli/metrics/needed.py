"""Which selections some row must match, so that a metric means anything, and which may match none."""

from __future__ import annotations

from collections.abc import Iterable

from engagement_cli.settings.values import Selection


def required_and_optional(selections: Iterable[Selection]) -> tuple[tuple[Selection, ...], tuple[Selection, ...]]:
    """Selections by event name, which is a mistake where no row has it; and mere predicates, which nobody may meet."""
    distinct = tuple(dict.fromkeys(selections))
    return tuple(s for s in distinct if s.events is not None), tuple(s for s in distinct if s.events is None)
