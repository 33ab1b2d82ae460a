"""Findings about survey answers: those outside the scale that the metrics read them on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import polars as pl

from engagement_cli.checks.finding import Finding
from engagement_cli.checks.places import label, locate
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.settings.model import Settings
from engagement_cli.sources.export import Export
from engagement_cli.sources.rows import Need, inner


@runtime_checkable
class Scaled(Protocol):
    """A metric that reads answers on a scale; `survey` is the kind of survey, by default the measure's name."""

    measure: str
    survey: str | None

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest answer."""


def scales(settings: Settings) -> dict[str, tuple[float, float]]:
    """By kind of survey in lower case, the widest scale on which a metric reads it."""
    found: dict[str, tuple[float, float]] = {}
    for metric in settings.metrics.values():
        if isinstance(metric, Scaled):
            kind = (metric.survey or metric.measure).strip().lower()
            low, high = metric.bounds
            known = found.get(kind, (low, high))
            found[kind] = (min(low, known[0]), max(high, known[1]))
    return found


def out_of_scale(frame: pl.DataFrame, settings: Settings, export: Export, ticks_per_second: int) -> list[Finding]:
    """A warning a kind of survey: answers that the metrics reject, and the first of them by file and line."""
    return list(_found(frame, settings, export, ticks_per_second))


def _found(frame: pl.DataFrame, settings: Settings, export: Export, ticks_per_second: int) -> Iterator[Finding]:
    if "survey" not in export.columns:
        return
    kinds = pl.col("survey").str.strip_chars().str.to_lowercase()
    for kind, (low, high) in scales(settings).items():
        answers = frame.filter(kinds == kind)["score"].drop_nulls()
        wrong = answers.filter(~answers.is_between(low, high))
        if wrong.is_empty():
            continue
        score, text = pl.col(inner("fixed", "score")), pl.col(inner("text", "survey"))
        condition = (text.str.strip_chars().str.to_lowercase() == kind) & ~score.is_between(low * MICRO, high * MICRO)
        need = Need(texts=frozenset({"survey"}), numbers=frozenset({"score"}))
        where = f"{locate(export, need, condition, ticks_per_second)}, column {label(export, 'score')}"
        what = (
            f"{len(wrong):,} of {len(answers):,} {kind} answers lie outside the scale of {low:g} to {high:g}, "
            f"such as {wrong[0]:g}"
        )
        hint = f"they are left out; if the scale is another, write scale: on the metrics that read {kind}"
        yield Finding("warning", "out_of_scale", what, where, hint)
