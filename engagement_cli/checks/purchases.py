"""Findings about purchases: values below zero, which make revenue smaller than what was sold."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engagement_cli.checks.finding import Finding
from engagement_cli.checks.places import show_files
from engagement_cli.checks.reads import Reads
from engagement_cli.metrics.aggregate import Parameters
from engagement_cli.settings.model import Settings
from engagement_cli.sources.events import number_column
from engagement_cli.sources.export import Export

VALUE = "value"


def purchase_events(settings: Settings) -> tuple[str, ...]:
    """The events whose values some metric adds up as money, but for those that cost engagement, such as refunds."""
    named = [
        name
        for p in settings.metrics.values()
        if isinstance(p, Parameters) and p.sum == VALUE and not p.absolute and p.unit in (None, "money")
        for name in p.events or ()
    ]
    events, otherwise = settings.events, settings.score.default_weight
    return tuple(name for name in dict.fromkeys(named) if (events[name].weight if name in events else otherwise) > 0)


def below_zero(settings: Settings, reads: Reads) -> pl.Expr:
    """Which rows of `scan_events` are purchases with a value below zero."""
    if VALUE not in reads.wanted.numbers:
        return pl.lit(value=False)
    outputs = {sql: output for output, sql in reads.wanted.predicates.items()}
    names = purchase_events(settings)
    ruled = [e.where for name in names if (e := settings.events.get(name)) is not None and e.where is not None]
    plain = [name for name in names if name not in settings.events or settings.events[name].where is None]
    bought = [pl.col("event").is_in(plain), *(pl.col(outputs[sql]) for sql in ruled if sql in outputs)]
    value = pl.col(number_column(reads.wanted, VALUE))
    return (pl.any_horizontal(bought) & (value < 0)).fill_null(value=False)


def negative_purchases(rows: Mapping[str, int], export: Export) -> list[Finding]:
    """A warning where purchases have a value below zero; `rows` counts them by event."""
    total = sum(rows.values())
    if not total:
        return []
    what = f"{total:,} {'purchase has' if total == 1 else 'purchases have'} a negative value: "
    what += ", ".join(f"{event} ({count:,})" for event, count in rows.items())
    hint = "they lower gross revenue; give returns and refunds an event of their own, such as refund, or exclude them"
    return [Finding("warning", "negative_purchase", what, show_files(export.files), hint)]
