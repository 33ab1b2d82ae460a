"""Before anything is read: which of the metrics asked for the exports can feed, and by what they can be divided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet

from pydantic import ValidationError

from engagement_cli.catalogue.availability import missing_columns
from engagement_cli.catalogue.reading import lacking, with_those_read
from engagement_cli.customers.table import EVERYBODY, Profiling, profiling
from engagement_cli.errors import Problem, UserError
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.records import Record, replace
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain
from engagement_cli.sources.exports import Exports, sql_columns
from engagement_cli.timeline.needs import Needs, predicates_of
from engagement_cli.timeline.segments import AUDIENCE, PROFILES, SegmentColumn, Segments, find_segment

Metrics = Mapping[str, MetricParameters]
Names = Mapping[str, AbstractSet[str]]
_NOTHING: Mapping[str, str] = {}


class Feasible(Record):
    """Metrics that can be measured, with those that they read, and what each needs.

    `unavailable` says of the others what is missing; `undivided` are those shown without the breakdown asked for.
    `profiling` makes the columns of the customer table that are read; None where none is.
    """

    metrics: Metrics
    needs: Mapping[str, Needs]
    segments: Segments
    unavailable: Mapping[str, str]
    undivided: Mapping[str, str]
    profiling: Profiling | None = None

    def columns_of_table(self, name: str) -> set[str]:
        """The columns of the customer table that a metric reads."""
        return _columns_of_table(self.needs[name], self.segments)


def feasible(
    asked: Metrics,
    by: tuple[str, ...],
    settings: Settings,
    exports: Exports,
    uncounted: Mapping[str, str] = _NOTHING,
    table: Callable[[Profiling], Iterable[str]] | None = None,
) -> Feasible:
    """Which metrics can be measured, judged by sources and columns alone; `by` replaces their own breakdowns.

    `uncounted` are sources of which no row may count, and why. `table` chooses columns of the customer table that are
    wanted besides those that metrics read.
    """
    there = table_columns(settings, exports, uncounted)
    known = {**exports.names(), PROFILES: set(there.columns)}
    undivided: dict[str, str] = {}
    metrics = with_those_read(asked, settings.metrics)
    for name, p in metrics.items() if by else ():
        metrics[name], why = _divided_by(p, by)
        undivided |= {name: why} if why is not None else {}
    needs = _needs(metrics, settings, known)
    for name in by:
        _segment(name, settings, exports, known, there.missing)  # a slip of the pen, whatever the metrics
    divided = {s for need in needs.values() for s in need.by}
    segments, unknown = _segments(divided, settings, exports, known, there.missing)
    whole: dict[str, MetricParameters] = {}
    for name, need in needs.items():
        why = next((reason for s in need.by if (reason := _indivisible(need, s, segments, unknown))), None)
        if why is not None:
            undivided[name] = why
            whole[name] = metrics[name].model_copy(update={"by": ()})
    metrics |= whole
    needs |= _needs(whole, settings, known)
    unavailable = _without_columns(needs, settings, known, there)
    for name, need in needs.items():
        if (source := next(iter(sorted((need.sources | need.configured) & uncounted.keys())), None)) is not None:
            unavailable[name] = uncounted[source]
    unavailable |= lacking(metrics, unavailable)
    kept = {name: p for name, p in metrics.items() if name not in unavailable}
    segments = {s: segment for s, segment in segments.items() if any(s in needs[name].by for name in kept)}
    counted = frozenset(column for name in kept for column in _columns_of_table(needs[name], segments))
    wanted = counted | (set(table(there)) if table is not None else set())
    made = profiling(settings, exports.names(), wanted, uncounted) if wanted else None
    if made is not None:
        made = replace(made, counted=counted, shown=table is not None)
    return Feasible(kept, needs, segments, unavailable, undivided, made)


def table_columns(settings: Settings, exports: Exports, uncounted: Mapping[str, str] = _NOTHING) -> Profiling:
    """The customer table with every column that exports can give, those of which no row may count left out."""
    return profiling(settings, exports.names(), uncounted=uncounted)


def _columns_of_table(need: Needs, segments: Segments) -> set[str]:
    """The columns of the customer table that a metric and its segments read."""
    found = {column for source, column in need.columns if source == PROFILES}
    found |= {column for source, sql in need.predicates if source == PROFILES for column in sql_columns(sql)}
    found |= {segments[name].column for name in need.by if name in segments and segments[name].source == PROFILES}
    return found or ({EVERYBODY} if PROFILES in need.sources else set())


def at_grain(p: MetricParameters, every: Grain) -> MetricParameters:
    """An entry at another grain; as it is where it measures the whole range, or where its type refuses the grain."""
    given = {name: getattr(p, name) for name in p.model_fields_set}
    try:
        return p if p.every.unit == "total" else type(p).model_validate({**given, "every": every})
    except ValidationError:
        return p


def readable(settings: Settings, exports: Exports) -> tuple[Settings, list[str]]:
    """The settings without configured events whose predicate reads a column that the export lacks: none can match.

    The second is a warning for each.
    """
    known = exports.names().get("events")
    if known is None:
        return settings, []
    absent = {
        name: sorted(sql_columns(event.where, f"events.{name}") - known)
        for name, event in settings.events.items()
        if event.where is not None
    }
    lost = {name: columns for name, columns in absent.items() if columns}
    if not lost:
        return settings, []
    kept = {name: event for name, event in settings.events.items() if name not in lost}
    warnings = [f"the event {name} matches no row: events have no column {' or '.join(c)}" for name, c in lost.items()]
    return settings.model_copy(update={"events": kept}), warnings


def refuse(reasons: Mapping[str, str], hint: str) -> None:
    """The first of several reasons why a metric cannot be measured, as an error; nothing where there are none."""
    for name, why in reasons.items():
        raise UserError([Problem(f"{name} cannot be measured: {why}", hint=hint)])


def _divided_by(p: MetricParameters, by: tuple[str, ...]) -> tuple[MetricParameters, str | None]:
    """An entry with another breakdown; or as it is, and why its type refuses one."""
    if p.metrics_read():
        return p, None  # divided as the metrics are that it reads
    given = {name: getattr(p, name) for name in p.model_fields_set}
    try:
        return type(p).model_validate({**given, "by": by}), None
    except ValidationError as error:
        return p, str(error.errors()[0]["msg"]).removeprefix("Value error, ")


def _needs(metrics: Metrics, settings: Settings, known: Names) -> dict[str, Needs]:
    """What each metric needs, of the columns that are welcome only those that the events have."""
    found = {name: METRIC_TYPES[p.type].needs(p, settings) for name, p in metrics.items()}
    there = known.get("events", frozenset())
    return {name: replace(n, texts=(*n.texts, *(t for t in n.welcome if t in there))) for name, n in found.items()}


def _segments(
    names: set[str], settings: Settings, exports: Exports, known: Names, missing: Mapping[str, str]
) -> tuple[dict[str, SegmentColumn], dict[str, str]]:
    """The segments by name, and what is wrong with the names that are none."""
    found, unknown = {}, {}
    for name in sorted(names):
        try:
            found[name] = _segment(name, settings, exports, known, missing)
        except UserError as error:
            problem = error.problems[0]
            unknown[name] = f"{problem.what}{f' ({problem.hint})' if problem.hint else ''}"
    return found, unknown


def _segment(
    name: str, settings: Settings, exports: Exports, known: Names, missing: Mapping[str, str]
) -> SegmentColumn:
    """A segment under the name that its column has once read. Raises `UserError`, also for an instant.

    `missing` says why the customer table lacks a column.
    """
    try:
        segment = find_segment(name, settings, known)
    except UserError:
        entry = settings.segments.get(name)
        column = (entry.column if entry is not None else None) or name
        if column in missing:
            raise UserError(f"there is no {column} to divide by: {missing[column]}", where=f"by: {name}") from None
        raise
    if segment.source in ("events", PROFILES):
        return segment
    columns = exports.sources[segment.source].columns
    if segment.column not in columns:  # the export's own name of a column that a field may read
        field = next((field for field, column in columns.items() if column.column == segment.column), segment.column)
        segment = replace(segment, column=field)
    if segment.column in columns and columns[segment.column].kind == "instant":
        raise UserError(f"{name} is a time, which divides nothing", where=f"by: {name}", hint="see --every")
    return segment


def _indivisible(need: Needs, name: str, segments: Segments, unknown: Mapping[str, str]) -> str | None:
    if name in unknown:
        return unknown[name]
    source = segments[name].source
    if source == AUDIENCE and need.sources != {AUDIENCE}:
        return f"{name} is a column of the audience, and what it measures is not of the audience alone"
    if source != AUDIENCE and AUDIENCE in need.sources:
        return f"{name} is a column of {source}, and rows of the audience belong to no customer"
    if source == "events" and not need.divided_by_events:
        return f"{name} is a column of events, and what it measures belongs to customers, not to events"
    return None


def _without_columns(needs: Mapping[str, Needs], settings: Settings, known: Names, table: Profiling) -> dict[str, str]:
    predicates = {p for need in needs.values() for s in need.read for p in predicates_of(s, settings)}
    predicates |= {sql for need in needs.values() for _, sql in need.predicates}
    reads = {p: sql_columns(p) for p in predicates}
    lost = {name: why for name, need in needs.items() if (why := _without_profile(need, table, reads))}
    return {name: why for name, need in needs.items() if (why := missing_columns(need, settings, known, reads))} | lost


def _without_profile(need: Needs, table: Profiling, reads: Mapping[str, set[str]]) -> str | None:
    """Why the customer table cannot have a column that a metric reads, in the words of the export that is missing."""
    wanted = {column for source, column in need.columns if source == PROFILES}
    wanted |= {column for source, sql in need.predicates if source == PROFILES for column in reads[sql]}
    return next((table.missing[column] for column in sorted(wanted) if column in table.missing), None)
