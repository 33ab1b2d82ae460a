"""Where one number comes from, as facts: definition, filters, selections, rows, and the number itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from engagement_cli.catalogue.behind import customers_behind, of_number
from engagement_cli.catalogue.matched import events_taken, row_counts, rows_by_kind, rows_by_metric, rows_matched
from engagement_cli.commands.definition import Fact, about, fact, facts_table
from engagement_cli.commands.given import parse_entry
from engagement_cli.commands.session import Session
from engagement_cli.kernels.intervals import wilson
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.pipeline import Outcome
from engagement_cli.render.marks import named, words
from engagement_cli.render.numbers import difference
from engagement_cli.render.pages.headline import Headline, headlines
from engagement_cli.render.periods import instant, moment
from engagement_cli.render.text import plural
from engagement_cli.results import Finished, Waterfall
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Selection, parse_grain
from engagement_cli.sources.exports import sql_columns
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import EVERYTHING, Needs
from engagement_cli.timeline.segments import PROFILES

_MATCHED = "matched by this metric"
_UNITS_OF_N = {"survey": "answers", "velocity": "contents"}  # what a metric's n counts; of all others customers


@dataclass(frozen=True)
class Number:
    """A metric measured, with the row that stands for it and those of its segments."""

    name: str
    parameters: MetricParameters
    outcome: Outcome
    finished: Finished
    headline: Headline
    segments: Mapping[str, Headline]
    needs: Needs
    read: tuple[str, ...]  # the metrics that it computes with


def answered(session: Session, name: str, *, ids: bool) -> Number:
    """Measure a metric and those it computes with. With `ids`, what each customer brings is kept, else row counts."""
    configured = session.settings.metrics
    metrics = {n: _asked(session, configured[n]) for n in (*_read(configured, name), name)}
    rows = customers_behind(name, metrics) if ids else row_counts(metrics)
    return number_of(name, metrics, session.ask(metrics, customer_rows=rows, keep_ids=ids), session.settings)


def number_of(name: str, metrics: Mapping[str, MetricParameters], outcome: Outcome, settings: Settings) -> Number:
    """The number that stands for a metric in an outcome; `metrics` has it and those it computes with."""
    finished = next(m for m in outcome.answer.metrics if m.name == name)
    found = dict(headlines(finished, outcome.answer.through))
    headline = found.pop("")
    read = tuple(_read(metrics, name))
    needs = [METRIC_TYPES[metrics[n].type].needs(metrics[n], settings) for n in (name, *read)]
    return Number(name, metrics[name], outcome, finished, headline, found, _joined(needs), read)


def _read(metrics: Mapping[str, MetricParameters], name: str) -> list[str]:
    """The metrics that one computes with, and those that these compute with, each once."""
    found: dict[str, None] = {}
    for read in metrics[name].metrics_read():
        found |= dict.fromkeys([*_read(metrics, read), read])
    return list(found)


def _asked(session: Session, p: MetricParameters) -> MetricParameters:
    """A metric at the grain and with the breakdown that the options ask for. Raises UserError where it has none."""
    every, by = session.options.time.every, session.options.choice.by
    changes: dict[str, Any] = {"by": tuple(by)} if by else {}
    if every is not None and p.every.unit != "total":
        changes["every"] = parse_grain(every)
    if not changes or p.metrics_read():  # a formula takes the breakdown of what it reads
        return p.model_copy(update=changes)
    return parse_entry(p.type, {**p.model_dump(mode="json", by_alias=True, exclude_unset=True), **changes})


def _joined(needs: list[Needs]) -> Needs:
    return Needs(
        sources=frozenset(source for need in needs for source in need.sources),
        selections=tuple(dict.fromkeys(s for need in needs for s in need.selections)),
        optional=tuple(dict.fromkeys(s for need in needs for s in need.optional)),
        left_out=tuple(dict.fromkeys(s for need in needs for s in need.left_out)),
        columns=tuple(dict.fromkeys(c for need in needs for c in need.columns)),
        predicates=tuple(dict.fromkeys(sql for need in needs for sql in need.predicates)),
    )


def behind_rows(number: Number) -> pl.DataFrame:
    """The customers behind the number: `customer`, `role`, `amount`, with `segments` where it is broken down."""
    kept = number.outcome.merged.customer_rows
    rows = of_number(kept, number.headline.row) if kept is not None else pl.DataFrame()
    return rows if number.segments else rows.drop("segments")


def explanation(session: Session, number: Number) -> pl.DataFrame:
    """All that can be said about the number, as the table of a `Facts` document."""
    view = number.finished.view
    return facts_table(
        [
            *about(session.loaded, number.name, number.parameters, view.semantics),
            *_filters(session, number),
            *_rows(session, number),
            *_number("Number", number, number.headline),
            *_notes(number),
            *(
                found
                for segment, headline in number.segments.items()
                for found in _number(segment.replace(";", ", "), number, headline)
            ),
        ]
    )


def _filters(session: Session, number: Number) -> Iterator[Fact]:
    settings, clock = session.settings, number.outcome.clock
    for name, rule in settings.exclude.items():
        yield fact("Filters", f"excluded as {name}", rule.where)
    yield fact("Filters", "where", number.parameters.where)
    events = settings.sources.events
    if events is not None and events.dedupe != "none" and "events" in number.needs.sources:
        yield fact("Filters", "duplicates", f"left out by {events.dedupe}")
    if clock.dated:
        yield fact("Filters", "range", f"{moment(clock.text(clock.since))} to {_end(clock)}")
        yield fact("Filters", "time zone", clock.zone_name)
        yield fact("Filters", "complete before", clock.text(clock.as_of))


def _end(clock: Clock) -> str:
    """The end of the range in words: its last day, an instant inside a day, or the last row where none was asked."""
    if not clock.until_given:
        return f"the last row, {moment(clock.text(clock.last))}"
    inside = instant(clock.text(clock.until)) != instant(clock.text(clock.floor_day(clock.until)))
    return f"before {moment(clock.text(clock.until))}" if inside else clock.text(clock.floor_day(clock.until - 1))


def _rows(session: Session, number: Number) -> Iterator[Fact]:
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


def _number(part: str, number: Number, headline: Headline) -> Iterator[Fact]:
    row, view = headline.row, number.finished.view
    unit = row["unit"]
    measure = next((m for m in view.measures if m.column == row["measure"]), None)
    yield fact(part, "period", headline.period or None)
    clock = number.outcome.clock
    open_end = clock.dated and not clock.until_given and row["period_end"] == clock.text(clock.until)
    yield fact(part, "from", row["period_start"])
    yield fact(part, "to" if open_end else "to (exclusive)", _end(clock) if open_end else row["period_end"])
    yield fact(part, "cohort", row["cohort_start"])
    yield fact(part, f"index ({view.index})", number=row["index"])
    yield fact(part, "step", row["step"])
    yield fact(part, "measure", row["measure"])
    yield fact(
        part, "value", "none: nothing to divide by" if row["value"] is None else None, number=row["value"], unit=unit
    )
    if measure is not None and measure.numerator is not None:
        yield fact(part, "numerator", number=row["numerator"], unit="number")
        yield fact(part, "denominator", number=row["denominator"], unit="number")
    yield fact(part, f"n ({_UNITS_OF_N.get(number.parameters.type, 'customers')})", number=row["n"], unit="count")
    yield fact(part, "95 % interval, low", number=row["ci_low"], unit=unit)
    yield fact(part, "95 % interval, high", number=row["ci_high"], unit=unit)
    yield fact(part, "kind of interval", interval_kind(number.parameters, row))
    yield fact(
        part, "complete", "yes" if row["complete"] else "no: the period is not over, or rests on too little history"
    )
    yield fact(part, "flags", "; ".join(words(named(True, row["flags"]))) or "none")
    yield fact(part, "period before", number=row["previous"], unit=unit)
    moved = difference(row["value"], row["previous"], row["change"], unit or "")
    yield fact(part, "change", moved.text if moved else None)
    yield fact(part, "target", number.finished.target)
    yield fact(part, "status", row["status"])
    yield fact(part, "benchmark", number.finished.benchmark)


def _notes(number: Number) -> Iterator[Fact]:
    """What the metric was before each dated note, and after; the one need not be the other's cause."""
    unit = number.finished.view.measures[0].unit
    for note in number.finished.notes:
        part = f"{moment(note.date)} {note.text}"
        if not note.periods:
            yield fact(part, "before and after", "no complete period on either side")
            continue
        mean = f"mean of {plural(note.periods, 'period')}"
        yield fact(part, f"before, {mean}", number=note.before, unit=unit)
        yield fact(part, f"after, {mean}", number=note.after, unit=unit)


def interval_kind(p: MetricParameters, row: Mapping[str, Any]) -> str:
    """Which interval a metric row carries, or why it carries none."""
    low, high = row["ci_low"], row["ci_high"]
    if (low is None or high is None) and str(row["measure"]).startswith(("median", "p90")):
        return "none: quantiles are exact for the rows read, and carry none"
    if low is None or high is None:
        return "none: a count or a sum of everybody is no sample, or too few customers stand behind the number"
    if row["unit"] == "share" and row["numerator"] is not None and row["denominator"]:
        ends = wilson(np.array([row["numerator"]]), np.array([row["denominator"]]))
        if np.allclose([ends[0][0], ends[1][0]], [low, high], rtol=1e-9, atol=1e-12):
            return "Wilson score: one yes or no a customer"
    if p.type == "score" or getattr(p, "answers", None) == "latest":
        return "normal: 1.96 standard errors on each side, one value a customer"
    return "customer-clustered (delta method): a customer may count more than once"
