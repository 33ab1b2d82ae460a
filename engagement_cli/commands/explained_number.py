"""The number that `explain` is about: measured, with what its metric reads and what stands behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from engagement_cli.catalogue.behind import customers_behind, of_number
from engagement_cli.catalogue.matched import row_counts
from engagement_cli.commands.given import parse_entry
from engagement_cli.commands.session import Session
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.pipeline import Outcome
from engagement_cli.records import Record
from engagement_cli.render.pages.headline import Headline, headlines
from engagement_cli.results import Finished
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import parse_grain
from engagement_cli.timeline.needs import Needs


class Number(Record):
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
