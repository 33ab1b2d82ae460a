"""The rows behind a number, as facts: each export's waterfall down to what the metric's selections take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from engagement_cli.catalogue.matched import events_taken, rows_by_kind, rows_by_metric, rows_matched
from engagement_cli.commands.definition import Fact, fact
from engagement_cli.commands.explained_number import Number
from engagement_cli.commands.session import Session
from engagement_cli.results import Waterfall
from engagement_cli.settings.values import Selection
from engagement_cli.sources.exports import sql_columns
from engagement_cli.timeline.needs import EVERYTHING
from engagement_cli.timeline.segments import PROFILES

_MATCHED = "matched by this metric"


def rows_told(session: Session, number: Number) -> Iterator[Fact]:
    """The waterfall of each source that the metric reads, down to the rows that its selections take."""
    sources = set(number.needs.sources)
    if PROFILES in sources:
        columns = _columns_of_table(number)
        yield from (fact("Customer table", name, says) for name, says in columns.items())
        sources |= _sources_of_table(number, columns)
    for waterfall in number.outcome.answer.waterfalls:
        if waterfall.source not in sources:
            continue
        part = f"Rows of {waterfall.source}"
        for item, count in _steps(waterfall):
            yield fact(part, item, number=count, unit="count")
        counts = number.outcome.merged.customer_rows
        if waterfall.source not in number.needs.sources:
            continue
        if counts is not None and waterfall.source == "events":
            yield from _matched_events(part, session, number, counts)
        elif counts is not None:
            yield from _matched_rows(part, number, rows_by_metric(counts, waterfall.source))


def _columns_of_table(number: Number) -> dict[str, str]:
    """The columns of the customer table behind the number, and what each says."""
    table, needs = number.outcome.profiling, number.needs
    if table is None:
        return {}
    named = {name for at, name in needs.columns if at == PROFILES}
    named |= {name for at, sql in needs.predicates if at == PROFILES for name in sql_columns(sql)}
    read = {name for column in named for name in (column, *table.reads_of(column))}
    return {name: column.description for name, column in table.columns.items() if name in read}


def _sources_of_table(number: Number, columns: Mapping[str, str]) -> set[str]:
    """The exports behind columns of the customer table; behind none of them, all in which somebody is known."""
    table = number.outcome.profiling
    return set() if table is None else table.sources_of(columns) if columns else set(table.known) - {"audience"}


def _matched_events(part: str, session: Session, number: Number, counts: pl.DataFrame) -> Iterator[Fact]:
    kinds, settings = number.outcome.merged.kinds, session.settings
    rows = rows_by_kind(counts, kinds)
    # That any row might lie in between is not what the metric counts.
    chosen, without = number.needs.selections + number.needs.optional, number.needs.left_out
    selections = tuple(s for s in chosen if s != EVERYTHING) or chosen
    yield fact(part, _MATCHED, number=rows_matched(selections, kinds, settings, rows, without), unit="count")
    parts = {selection: f"Selected: {selection}" for selection in selections}
    for selection, title in (parts | {selection: f"Left out: {selection}" for selection in without}).items():
        events = events_taken(selection, kinds, settings, rows)
        yield fact(title, "rows", _meaning(selection, session), number=sum(events.values()), unit="count")
        for event, count in events.items():
            yield fact(title, f"event {event}", number=count, unit="count")


def _matched_rows(part: str, number: Number, counts: Mapping[tuple[str, str], int]) -> Iterator[Fact]:
    """Rows of another source that the metric takes, and those taken by the metrics that it computes with."""
    for (metric, side), count in counts.items():
        if metric == number.name:
            yield fact(part, f"{_MATCHED}{f', {side}' if side else ''}", number=count, unit="count")
        elif metric in number.read:
            yield fact(part, f"matched by {metric}{f', {side}' if side else ''}", number=count, unit="count")


def _steps(waterfall: Waterfall) -> Iterator[tuple[str, int]]:
    yield "read", waterfall.read
    lost = {"unparseable": waterfall.unparseable}
    lost |= {f"excluded as {name}": count for name, count in waterfall.excluded.items()}
    lost |= {"duplicate": waterfall.duplicate, "outside the range": waterfall.outside}
    yield from ((f"− {name}", count) for name, count in lost.items() if count)
    yield "used", waterfall.used
    if waterfall.without_customer:
        yield "of these without a customer", waterfall.without_customer


def _meaning(selection: Selection, session: Session) -> str | None:
    """What a selection's names stand for where they are not the export's own."""
    settings = session.settings
    said = []
    for name in selection.events or ():
        if name == "active":
            told = "every event of weight above zero" if settings.active is None else str(settings.active)
            said.append(f"active is {told}")
        elif name in settings.events and settings.events[name].where is not None:
            said.append(f"{name} is {settings.events[name].where}")
    return "; ".join(said) or None
