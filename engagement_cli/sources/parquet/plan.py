"""Whether events can be read from pages, and how: where a report asks for cells as they are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from engagement_cli.records import Record
from engagement_cli.sources.events import Wanted, check_events
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.headers import Header
from engagement_cli.sources.predicates import sql_columns
from engagement_cli.sources.timestamps import MICROSECONDS, are_instants
from engagement_cli.timeline.needs import Demand

_NUMBERS = {pl.Float64(), pl.Float32(), pl.Int64(), pl.Int32()}


class Predicate(Record):
    """SQL that sees nothing but one column of texts, under a name."""

    sql: str
    name: str
    column: str


class PagePlan(Record):
    """The raw columns behind what is asked for.

    `raw` has those of the demand's numbers, things and texts, `predicates` are in the demand's order, `exclusions` in
    that of the export.
    """

    demand: Demand
    customer: str
    event: str
    time: str
    raw: Mapping[str, str]
    predicates: tuple[Predicate, ...]
    exclusions: tuple[Predicate, ...]

    @property
    def texts(self) -> set[str]:
        """The columns that are read as texts."""
        asked = (self.raw[name] for name in (*self.demand.things, *self.demand.texts))
        return {self.customer, self.event, *asked, *(each.column for each in (*self.predicates, *self.exclusions))}

    @property
    def names(self) -> set[str]:
        """All columns that are read."""
        return {self.time, *self.texts, *self.raw.values()}


def page_plan(exports: Exports, demand: Demand, wanted: Wanted, ticks_per_second: int) -> PagePlan | None:
    """How the events are read from pages; None where only a query can.

    That is of CSV, of columns that are SQL, where rows are told apart or customers renamed, where predicates see more
    than a text, and where cells of other types become texts or instants. Raises `UserError` as `scan_events` does.
    """
    check_events(exports, wanted)
    export = exports.sources["events"]
    if export.dedupe != "none" or not (exports.aliases is None or exports.aliases.is_empty()):
        return None
    asked = {*demand.numbers, *demand.things, *demand.texts}
    raw = {name: column for name in asked if (column := _raw(export, name)) is not None}
    customer, event, time = (_raw(export, name) for name in ("customer", "event", "timestamp"))
    predicates = _predicates(export, demand.predicates)
    exclusions = _predicates(export, [exports.rules[name] for name in exports.exclusions.get("events", ())])
    if customer is None or event is None or time is None or len(raw) < len(asked):
        return None
    if predicates is None or exclusions is None:
        return None
    plan = PagePlan(demand, customer, event, time, raw, predicates, exclusions)
    fits = ticks_per_second == MICROSECONDS and are_instants(export.types[time], export.zones)
    alike = {header.columns: header for header in export.headers}.values()
    return plan if fits and all(_fits(plan, export, header) for header in alike) else None


def _predicates(export: Export, all_sql: Sequence[str]) -> tuple[Predicate, ...] | None:
    """Predicates that see one column each; None if any does not."""
    found = []
    for sql in all_sql:
        names = sql_columns(sql)
        column = _raw(export, name) if len(names) == 1 and (name := names.pop()) else None
        if column is None:
            return None
        found.append(Predicate(sql, name, column))
    return tuple(found)


def _raw(export: Export, name: str) -> str | None:
    return export.columns[name].column if name in export.columns else name


def _fits(plan: PagePlan, export: Export, header: Header) -> bool:
    """Whether a file's columns are of the types that are read."""
    types = dict(header.columns)
    return (
        header.rows is not None
        and types[plan.time] == export.types[plan.time]
        and all(types[name] == pl.String for name in plan.texts)
        and all(types[plan.raw[name]] in _NUMBERS for name in plan.demand.numbers)
    )
