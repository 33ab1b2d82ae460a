"""Which metrics the exports at hand can feed, and what is missing for the others."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from engagement_cli.errors import did_you_mean
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.needs import Needs, predicates_of
from engagement_cli.timeline.segments import PROFILES


def missing_columns(
    needs: Needs,
    settings: Settings,
    columns: Mapping[str, AbstractSet[str]],
    sql_columns: Mapping[str, AbstractSet[str]],
) -> str | None:
    """What keeps a metric from being measured, judged by sources and columns alone; None if nothing does.

    `columns` are the usable names by source; `sql_columns` the names that each known predicate reads.
    """
    lacking = sorted(needs.sources - columns.keys())
    if lacking:
        return f"no {' and no '.join(lacking)} export"
    wanted = {("events", name) for name in (*needs.numbers, *(t for t in needs.things if t != "order"))}
    for selection in needs.read:
        for predicate in predicates_of(selection, settings):
            wanted |= {("events", name) for name in sql_columns.get(predicate, set())}
    wanted |= set(needs.columns)
    for source, predicate in needs.predicates:
        wanted |= {(source, name) for name in sql_columns.get(predicate, set())}
    for source in sorted(needs.sources):
        unknown = sorted(name for at, name in wanted if at == source and name not in columns[source])
        if unknown:
            hint = did_you_mean(unknown[0], columns[source])
            names = " and ".join(repr(name) for name in unknown)
            place = "customer table" if source == PROFILES else f"{source} export"
            return f"no column {names} in the {place}{f' ({hint})' if hint else ''}"
    return None


def missing_events(needs: Needs, settings: Settings, kinds: Kinds) -> str | None:
    """Which of a metric's selections no row of the exports matches; None if each has some."""
    for selection in needs.selections:
        if not kinds.matching(selection, settings).any():
            names = [n for n in selection.events or () if n not in kinds.events and n not in settings.events]
            hint = did_you_mean(names[0], kinds.events) if len(names) == 1 else None
            return f"no event {selection}{f' ({hint})' if hint else ''}"
    return None
