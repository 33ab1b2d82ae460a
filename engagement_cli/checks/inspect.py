"""The whole check: configuration and exports in, findings out. One pass over each source, nothing measured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.checks.dates import clock_of, freshness, gaps
from engagement_cli.checks.events import Events, read_events
from engagement_cli.checks.finding import Finding, of_error, of_problem, ordered
from engagement_cli.checks.joins import joins
from engagement_cli.checks.money import currencies
from engagement_cli.checks.opening import open_each
from engagement_cli.checks.places import show_files
from engagement_cli.checks.purchases import negative_purchases
from engagement_cli.checks.quality import bad_cells, repeated_rows, unweighted, without_customer
from engagement_cli.checks.reads import Reads, currency_column, event_reads, unused_exclusions
from engagement_cli.checks.subscriptions import spans
from engagement_cli.checks.surveys import out_of_scale
from engagement_cli.errors import ExitCode, UserError
from engagement_cli.planning import table_columns
from engagement_cli.records import Record
from engagement_cli.results import Waterfall
from engagement_cli.settings.loader import Loaded
from engagement_cli.settings.model import Settings
from engagement_cli.settings.references import Doubt, check_references
from engagement_cli.sources.diagnosis import diagnose
from engagement_cli.sources.events import ticks_per_second as ticks_of
from engagement_cli.sources.export import Exports
from engagement_cli.sources.opening import Overrides
from engagement_cli.sources.tables import Table, load_table
from engagement_cli.timeline.clock import Clock, Facts, Range

TABLES = ("surveys", "subscriptions", "customers", "audience")
_DATED_BY = {"surveys": "time", "subscriptions": "started", "audience": "time"}
_QUARTER_HOUR = 900


class Checked(Record):
    """The findings in order of severity, what became of every row, and up to when the data goes."""

    findings: tuple[Finding, ...]
    waterfalls: tuple[Waterfall, ...] = ()
    as_of: str | None = None
    through: str | None = None
    sources: int = 0  # that could be read


def inspect(
    loaded: Loaded,
    settings: Settings,
    overrides: Overrides,
    asked: Range,
    now: datetime,
    *,
    strict: bool,
) -> Checked:
    """Check a configuration (`settings`: as loaded, with the command line's changes) and its exports.

    Whole exports are looked at, whatever range a report would show; `asked` says only `as_of`. `now` is compared with
    `max_age` alone. Raises `UserError` for what is wrong with the command line.
    """
    exports, findings = open_each(settings, loaded.directory, overrides)
    ticks = ticks_of(exports)
    findings += unused_exclusions(settings, loaded, exports)
    waterfalls: list[Waterfall] = []
    events, reads, found = _events(exports, settings, loaded, ticks)
    findings += found
    if events is None and "events" in exports.sources:  # what cannot be read takes no part in what follows
        exports = _without(exports, "events")
    if events is not None and reads is not None:
        waterfalls.append(events.waterfall)
        findings += _about_events(exports, events, reads, settings, ticks, strict=strict)
    tables, found = _tables(exports, ticks)
    findings += found
    for name, table in tables.items():
        waterfalls.append(table.waterfall)
        findings += bad_cells(exports, table.waterfall, ticks, strict=strict)
        findings += without_customer(table.waterfall, exports.sources[name])
    findings += _about_tables(exports, tables, settings, ticks)
    findings += _names(loaded, exports, events)
    findings += joins(exports, {name: table.frame for name, table in tables.items()})
    clock, found = _time(exports, events, tables, settings, asked, ticks, now)
    findings += found
    return Checked(
        findings=tuple(ordered(findings)),
        waterfalls=tuple(waterfalls),
        as_of=clock.text(clock.as_of) if clock is not None else None,
        through=clock.through() if clock is not None else None,
        sources=len(exports.sources),
    )


def _events(
    exports: Exports, settings: Settings, loaded: Loaded, ticks: int
) -> tuple[Events | None, Reads | None, list[Finding]]:
    if "events" not in exports.sources:
        return None, None, []
    reads = event_reads(settings, loaded, exports.sources["events"])
    try:
        return read_events(exports, settings, reads, ticks), reads, list(reads.findings)
    except UserError as error:
        return None, None, [*reads.findings, *of_error(error)]
    except (PolarsError, OSError) as error:
        return None, None, [*reads.findings, *_diagnosed(exports, error)]


def _diagnosed(exports: Exports, error: Exception) -> list[Finding]:
    fault = diagnose(exports, error)
    if isinstance(fault, UserError):
        return of_error(fault)
    raise fault from error


def _without(exports: Exports, name: str) -> Exports:
    left = {source: export for source, export in exports.sources.items() if source != name}
    return Exports(left, exports.exclusions, exports.rules, exports.aliases)


def _about_events(
    exports: Exports, events: Events, reads: Reads, settings: Settings, ticks: int, *, strict: bool
) -> list[Finding]:
    export = exports.sources["events"]
    found = bad_cells(exports, events.waterfall, ticks, strict=strict, wanted=reads.wanted)
    if events.facts is None:
        where, hint = show_files(export.files), "see what became of the rows in the waterfall"
        found.append(Finding("error", "empty", "no row of events can be used", where, hint, ExitCode.EMPTY))
    found += without_customer(events.waterfall, export)
    found += repeated_rows(events.duplicates, export)
    found += unweighted(events, settings, export)
    found += negative_purchases(events.negative, export)
    return [*found, *currencies(events.currencies, currency_column(export), settings, export)]


def _tables(exports: Exports, ticks: int) -> tuple[dict[str, Table], list[Finding]]:
    tables: dict[str, Table] = {}
    found: list[Finding] = []
    for name in TABLES:
        if name not in exports.sources:
            continue
        try:
            tables[name] = load_table(exports, name, ticks)
        except UserError as error:
            found += of_error(error)
    return tables, found


def _about_tables(exports: Exports, tables: Mapping[str, Table], settings: Settings, ticks: int) -> list[Finding]:
    found: list[Finding] = []
    if "surveys" in tables:
        found += out_of_scale(tables["surveys"].frame, settings, exports.sources["surveys"], ticks)
    if "subscriptions" in tables:
        frame, export = tables["subscriptions"].frame, exports.sources["subscriptions"]
        found += spans(frame, export, ticks)
        column = currency_column(export)
        if column is not None and column in frame.columns:
            codes = frame[column].cast(pl.String).drop_nulls().str.strip_chars().str.to_uppercase()
            counts = codes.filter(codes != "").value_counts(sort=False).sort(column)
            found += currencies(dict(counts.iter_rows()), column, settings, export)
    return found


def _names(loaded: Loaded, exports: Exports, events: Events | None) -> list[Finding]:
    """Names of the user's own configuration that neither it nor the exports define, and rules that do not fit."""
    known = set(events.names["event"].to_list()) if events is not None else None
    found = []
    for problem in check_references(loaded, known_events=known, known_columns=exports.names() or None):
        if isinstance(problem, Doubt):
            found.append(Finding("warning", "unknown_name", problem.what, problem.where, problem.hint))
        else:
            found.append(of_problem(problem, "unknown_name"))
    try:
        table_columns(loaded.settings, exports).at(loaded.where)
    except UserError as error:
        found += [of_problem(problem, "predicate") for problem in error.problems]
    return found


def _time(
    exports: Exports,
    events: Events | None,
    tables: Mapping[str, Table],
    settings: Settings,
    asked: Range,
    ticks: int,
    now: datetime,
) -> tuple[Clock | None, list[Finding]]:
    dated: dict[str, Facts] = {}
    if events is not None and events.facts is not None:
        dated["events"] = events.facts
    for name, column in _DATED_BY.items():
        if name in tables and (facts := _facts(tables[name].frame[column], ticks)) is not None:
            dated[name] = facts
    found = freshness(exports, settings, {name: facts.last for name, facts in dated.items()}, now, ticks)
    if not dated:
        return None, found
    name = next(iter(dated))
    clock, far = clock_of(dated[name], settings, asked, exports.sources[name])
    missing = gaps(clock, exports.sources[name]) if clock is not None and name == "events" else []
    return clock, [*far, *missing, *found]


def _facts(times: pl.Series, ticks: int) -> Facts | None:
    quarters = (times.drop_nulls() // (_QUARTER_HOUR * ticks)).unique().sort()
    if quarters.is_empty():
        return None
    first, last = times.min(), times.max()
    if not isinstance(first, int) or not isinstance(last, int):
        raise TypeError("instants are Int64 ticks")
    return Facts(first, last, quarters.to_numpy(), ticks)
