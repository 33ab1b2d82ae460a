"""Findings about subscriptions: those that overlap, and those that end before they start."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import polars as pl

from engagement_cli.checks.finding import Finding
from engagement_cli.checks.places import label, locate, show_files
from engagement_cli.sources.export import Export
from engagement_cli.sources.rows import Need, inner
from engagement_cli.timeline.periods import to_local

_NEVER = 2**63 - 1


def spans(frame: pl.DataFrame, export: Export, ticks_per_second: int) -> list[Finding]:
    """Warnings about the rows of the subscriptions, as loaded: customer, started, ended (ticks, null while running)."""
    return [*_reversed(frame, export, ticks_per_second), *_overlapping(frame, export, ticks_per_second)]


def _reversed(frame: pl.DataFrame, export: Export, ticks_per_second: int) -> list[Finding]:
    wrong = frame.filter(pl.col("ended") < pl.col("started")).height
    if not wrong:
        return []
    condition = pl.col(inner("ticks", "ended")) < pl.col(inner("ticks", "started"))
    where = locate(export, Need(ticks=frozenset({"started", "ended"})), condition, ticks_per_second)
    what = f"{wrong:,} of {frame.height:,} subscriptions end before they start"
    return [
        Finding("warning", "reversed", what, f"{where}, column {label(export, 'ended')}", "they are active at no time")
    ]


def _overlapping(frame: pl.DataFrame, export: Export, ticks_per_second: int) -> list[Finding]:
    ended = pl.col("ended").fill_null(_NEVER)
    rows = frame.drop_nulls("customer").filter(ended > pl.col("started")).sort("customer", "started", ended)
    reach = ended.cum_max().shift(1).over("customer", order_by=["started", ended])
    both = rows.with_columns(reach=reach).filter(pl.col("started") < pl.col("reach"))
    if both.is_empty():
        return []
    customers = both["customer"].n_unique()
    first = both.row(0, named=True)
    zone = ZoneInfo(export.report_zone)
    day = to_local(first["started"] // ticks_per_second, zone).date()
    what = (
        f"{customers:,} of {frame['customer'].n_unique():,} customers have subscriptions that overlap, "
        f"the first being {first['customer']!r} from {day}"
    )
    hint = "both count towards MRR while they overlap; end the earlier one where a plan was changed"
    return [Finding("warning", "overlap", what, show_files(export.files), hint)]
