"""The line from exports to an answer, as a few readable calls; the only one who knows the order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from engagement_cli import cautions
from engagement_cli.catalogue.availability import missing_events
from engagement_cli.catalogue.reading import finishing_order, lacking
from engagement_cli.catalogue.rows import all_finished
from engagement_cli.customers.table import Profiling
from engagement_cli.engines import local
from engagement_cli.engines.caching import answered
from engagement_cli.engines.inputs import wanted_of
from engagement_cli.engines.plan import Ask, Limits, Merged, Plan
from engagement_cli.errors import UserError
from engagement_cli.metrics.protocol import Context
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.planning import Feasible, feasible, readable, refuse, table_columns
from engagement_cli.records import Record, field, replace
from engagement_cli.results import Answer, View
from engagement_cli.settings.loader import Loaded
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.places import show_key_path
from engagement_cli.sources.exports import Exports, first_bad_cells, too_many_bad_cells
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cache.terms import Terms
from engagement_cli.timeline.clock import Clock, Range
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.segment_order import Orders, in_order, natural_orders
from engagement_cli.timeline.segments import PROFILES

if TYPE_CHECKING:
    from engagement_cli.engines.crew.crew import Crew

_HINT = "`engagement metrics list --available` shows what can be measured"


def _on_spark(plan: Plan) -> Merged:
    from engagement_cli.engines.spark import engine

    return engine.run(plan)


ENGINES = {"local": local.run, "spark": _on_spark}


class Question(Record):
    """What a command asks: metrics by name on opened exports.

    With `lenient`, metrics that the exports cannot feed are left out and named in the answer; else they are an error.
    `uncounted` are sources of which no row may count, and why: they only tell segments. `table` chooses columns of the
    one-row-a-customer table that are made, whatever the metrics.
    """

    settings: Settings
    exports: Exports
    metrics: Mapping[str, MetricParameters]
    range: Range = field(default_factory=Range)
    by: tuple[str, ...] = ()
    uncounted: Mapping[str, str] = field(default_factory=dict)
    lenient: bool = False
    strict: bool = False
    engine: str = "local"
    loaded: Loaded | None = None
    limits: Limits = field(default_factory=Limits)
    crew: Crew | None = None
    cache: Terms | None = None
    extra_needs: tuple[Needs, ...] = ()
    customer_rows: Callable[[Bucket], pl.DataFrame] | None = None
    keep_ids: bool = False
    table: Callable[[Profiling], Iterable[str]] | None = None
    progress: Callable[[str, int, int | None], None] = lambda stage, done, total: None


class Outcome(Record):
    """An answer with what stands behind it, for commands that show more than metrics."""

    answer: Answer
    clock: Clock
    merged: Merged
    profiling: Profiling | None = None


def ask(question: Question) -> Outcome:
    """Measure, merge, finish: the whole line.

    Raises `UserError` for metrics that cannot be measured (unless lenient), exports that cannot be read, and too many
    bad cells.
    """
    settings, warnings = readable(question.settings, question.exports)
    question, exports = replace(question, settings=settings), question.exports
    plan = feasible(question.metrics, question.by, settings, exports, question.uncounted, question.table)
    if plan.profiling is not None:
        place = question.loaded.where if question.loaded is not None else show_key_path
        plan = replace(plan, profiling=plan.profiling.at(place))
    if not question.lenient:
        refuse({**plan.undivided, **plan.unavailable}, _HINT)
    merged = answered(_engine_plan(question, plan), ENGINES[question.engine])
    warnings += _bad_cells(question, merged)
    unavailable = {**plan.unavailable, **_without_events(question, plan, merged)}
    unavailable |= _unjudged(plan, merged, unavailable)
    if not question.lenient:
        refuse(unavailable, _HINT)
    views = _finish({name: p for name, p in plan.metrics.items() if name not in unavailable}, merged, settings)
    views = _in_order(views, orders := natural_orders(plan.segments, settings))
    shown = {name: p for name, p in plan.metrics.items() if name in question.metrics and name in views}
    missing = {name: why for name, why in unavailable.items() if name in question.metrics}
    warnings += cautions.undivided(plan, question.by, question.loaded) + cautions.as_of_the_end(plan, question.by)
    warnings += cautions.uncounted(question.uncounted) if question.lenient else []
    warnings += cautions.own_unavailable(question.loaded, missing) + cautions.gaps(merged.clock)
    answer = replace(_answer(views, shown, missing, merged, settings, warnings), orders=orders)
    return Outcome(answer, merged.clock, merged, plan.profiling)


def _engine_plan(question: Question, plan: Feasible) -> Plan:
    return Plan(
        exports=question.exports,
        settings=question.settings,
        asks={name: Ask(METRIC_TYPES[p.type], p, plan.needs[name]) for name, p in plan.metrics.items()},
        segments=plan.segments,
        profiling=plan.profiling,
        uncounted=frozenset(question.uncounted),
        range=question.range,
        extra_needs=question.extra_needs,
        customer_rows=question.customer_rows,
        keep_ids=question.keep_ids,
        limits=question.limits,
        crew=question.crew,
        cache=question.cache,
        progress=question.progress,
    )


def _without_events(question: Question, plan: Feasible, merged: Merged) -> dict[str, str]:
    """Metrics of which no event occurs. Raises `UserError` for names that only the user's own configuration has."""
    if "events" not in question.exports.sources:
        return {}
    if question.loaded is not None and question.loaded.has_own:
        known = {**question.exports.names(), PROFILES: set(table_columns(question.settings, question.exports).columns)}
        _refuse_unknown_names(question.loaded, merged.kinds, known)
    settings = question.settings
    absent = {name: why for name in plan.metrics if (why := missing_events(plan.needs[name], settings, merged.kinds))}
    return absent | lacking(plan.metrics, absent)


def _unjudged(plan: Feasible, merged: Merged, unavailable: Mapping[str, str]) -> dict[str, str]:
    """Metrics that read a column of the customer table which says nothing of anybody."""
    silent, found = merged.silent, {}
    for name in plan.metrics:
        read = plan.columns_of_table(name)
        if name not in unavailable and (why := next((silent[c] for c in sorted(read) if c in silent), None)):
            found[name] = why
    return found | lacking(plan.metrics, {**unavailable, **found})


def _refuse_unknown_names(loaded: Loaded, kinds: Kinds, names: Mapping[str, set[str]]) -> None:
    """Events and columns that the user's own configuration names and neither it nor the exports know."""
    from engagement_cli.settings.references import Doubt, check_references

    found = check_references(loaded, known_events=set(kinds.events), known_columns=names)
    certain = [problem for problem in found if not isinstance(problem, Doubt)]
    if certain:
        raise UserError(certain)


def _bad_cells(question: Question, merged: Merged) -> list[str]:
    """A warning for each source with unparseable rows that names the first; too many of them are an error."""
    warnings = []
    for w in merged.waterfalls:
        if not w.unparseable:
            continue
        cells = first_bad_cells(question.exports, w.source, wanted_of(merged.demand), merged.clock.ticks_per_second)
        if (error := too_many_bad_cells(w, question.strict, cells)) is not None:
            raise error
        first = f", the first at {cells[0]}" if cells else ""
        warnings.append(f"{w.unparseable:,} of {w.read:,} rows of {w.source} cannot be read{first}")
    return warnings


def _finish(metrics: Mapping[str, MetricParameters], merged: Merged, settings: Settings) -> dict[str, View]:
    """The views by name, each metric finished after those whose views it computes with."""
    views: dict[str, View] = {}
    context = Context(merged.clock, settings, views)
    for name in finishing_order(metrics):
        views[name] = METRIC_TYPES[metrics[name].type].finish(metrics[name], merged.states[name], context)
    return views


def _in_order(views: Mapping[str, View], orders: Orders) -> dict[str, View]:
    """The views with their segments in the order that these have."""
    if not orders:
        return dict(views)
    return {name: replace(view, table=in_order(view.table, orders)) for name, view in views.items()}


def _answer(
    views: Mapping[str, View],
    metrics: Mapping[str, MetricParameters],
    unavailable: Mapping[str, str],
    merged: Merged,
    settings: Settings,
    warnings: Sequence[str],
) -> Answer:
    clock = merged.clock
    context = Context(clock, settings, views)
    return Answer(
        as_of=clock.text(clock.as_of) if clock.dated else None,
        through=clock.through(),
        metrics=all_finished(metrics, views, context),
        waterfalls=merged.waterfalls,
        warnings=tuple(warnings),
        currency=settings.currency,
        unavailable=unavailable,
    )
