"""What metrics need of the rows: selections, numbers, things, segments; collected once for the whole report."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from engagement_cli.records import Record
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection

EVERYTHING = Selection()
ACTIVE = Selection(events=("active",))


class Needs(Record):
    """What one metric reads.

    `sources` must all be there; `selections` choose event rows; `numbers` are event columns that are summed,
    averaged or ranked; `things` are event columns whose distinct values are counted or held, `texts` those that are
    read as they are, `welcome` those too, where the export has them; `by` are segments. `optional` are selections
    that may well match no row, as what they select need not happen; `left_out` those of rows that do not count.
    `columns` and `predicates` are read of sources other than events: pairs of source and column or SQL.
    `of_customers`: each customer counts as a whole, so that no property of an event divides it. `population`: it
    counts everyone known from any source. `across`: it is about things that customers share, so that what one of
    them brings shows beside all others only. `configured` are sections of the configuration that hold numbers,
    which no filter of rows reaches.
    """

    sources: frozenset[str] = frozenset({"events"})
    selections: tuple[Selection, ...] = ()
    numbers: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    welcome: tuple[str, ...] = ()
    welcome_columns: tuple[tuple[str, str], ...] = ()  # of other sources, read where the export has them
    optional: tuple[Selection, ...] = ()
    left_out: tuple[Selection, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    predicates: tuple[tuple[str, str], ...] = ()
    of_customers: bool = False
    population: bool = False
    across: bool = False
    configured: frozenset[str] = frozenset()

    @property
    def divided_by_events(self) -> bool:
        """Whether a column of events can divide the metric: where nothing but events is counted, row by row."""
        return self.sources == {"events"} and not self.of_customers

    @property
    def read(self) -> tuple[Selection, ...]:
        """Every selection, whether or not a row must match it."""
        return self.selections + self.optional + self.left_out


class Demand(Record):
    """All needs of a report on event rows: distinct SQL predicates, numbers, things and texts, in a fixed order."""

    predicates: tuple[str, ...]
    numbers: tuple[str, ...]
    things: tuple[str, ...]
    texts: tuple[str, ...]
    keep_ids: bool = False


@lru_cache(maxsize=1024)  # asked for in every bucket
def narrowed(selection: Selection, where: str | None) -> Selection:
    """A selection under a metric's own `where:` as well."""
    if where is None:
        return selection
    both = where if selection.where is None else f"({selection.where}) AND ({where})"
    return Selection(events=selection.events, where=both)


def predicates_of(selection: Selection, settings: Settings) -> set[str]:
    """Every SQL predicate that decides whether a row is in the selection, configured events resolved."""
    found = {selection.where} if selection.where is not None else set()
    for name in selection.events or ():
        if name == "active":
            found |= active_predicates(settings)
        elif name in settings.events and (where := settings.events[name].where) is not None:
            found.add(where)
    return found


def active_predicates(settings: Settings) -> set[str]:
    """The predicates behind the reserved name `active`."""
    if settings.active is not None:
        return predicates_of(settings.active, settings)
    return weight_predicates(settings)


def weight_predicates(settings: Settings) -> set[str]:
    """The predicates of all configured events: which of them a row is decides its weight."""
    return {event.where for event in settings.events.values() if event.where is not None}


def collect(needs: Iterable[Needs], texts: Iterable[str], settings: Settings, *, keep_ids: bool) -> Demand:
    """The demand of a report: everything that any of its metrics needs, each once, in a deterministic order.

    `texts` are the event columns behind the segments.
    """
    needs = list(needs)
    predicates = {p for need in needs for s in need.read for p in predicates_of(s, settings)}
    return Demand(
        predicates=tuple(sorted(predicates)),
        numbers=tuple(sorted({n for need in needs for n in need.numbers})),
        things=tuple(sorted({t for need in needs for t in need.things})),
        texts=tuple(sorted({*texts, *(t for need in needs for t in need.texts)})),
        keep_ids=keep_ids,
    )
