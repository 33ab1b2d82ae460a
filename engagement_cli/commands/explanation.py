"""Where one number comes from, as facts: definition, filters, selections, rows, and the number itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from engagement_cli.commands.definition import Fact, about, fact, facts_table
from engagement_cli.commands.explained_number import Number
from engagement_cli.commands.explained_rows import rows_told
from engagement_cli.commands.session import Session
from engagement_cli.kernels.intervals import wilson
from engagement_cli.render.marks import named, words
from engagement_cli.render.numbers import difference
from engagement_cli.render.pages.headline import Headline
from engagement_cli.render.periods import instant, moment
from engagement_cli.render.text import plural
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.timeline.clock import Clock

_UNITS_OF_N = {"survey": "answers", "velocity": "contents"}  # what a metric's n counts; of all others customers


def explanation(session: Session, number: Number) -> pl.DataFrame:
    """All that can be said about the number, as the table of a `Facts` document."""
    view = number.finished.view
    return facts_table(
        [
            *about(session.loaded, number.name, number.parameters, view.semantics),
            *_filters(session, number),
            *rows_told(session, number),
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
