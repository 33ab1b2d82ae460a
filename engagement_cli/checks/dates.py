"""Findings about time: a last day far from all others, days without rows, and exports older than they may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from engagement_cli.checks.finding import Finding, of_error
from engagement_cli.checks.places import label, locate, show_files
from engagement_cli.errors import ExitCode, UserError
from engagement_cli.settings.model import Settings
from engagement_cli.settings.sources import Source
from engagement_cli.settings.values import format_duration
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.rows import Need, inner
from engagement_cli.timeline.clock import Clock, Facts, Range
from engagement_cli.timeline.periods import local_midnight, to_local
from engagement_cli.timeline.resolve import resolve_clock

_DAYS_SHOWN = 5
_MAIN = {"events": "timestamp", "surveys": "timestamp", "subscriptions": "started", "audience": "date"}


def clock_of(facts: Facts, settings: Settings, asked: Range, export: Export) -> tuple[Clock | None, list[Finding]]:
    """The report's clock, or None and an error that names the row where the last day stands apart from all others."""
    try:
        return resolve_clock(facts, settings, asked), []
    except UserError as error:
        if error.code != ExitCode.INPUT:
            raise
        zone = ZoneInfo(settings.timezone)
        last_day = to_local(facts.last // facts.ticks_per_second, zone).date()
        field, start = _MAIN[export.name], local_midnight(last_day, zone) * facts.ticks_per_second
        need = Need(ticks=frozenset({field}))
        row = locate(export, need, pl.col(inner("ticks", field)) >= start, facts.ticks_per_second)
        where = f"{row}, column {label(export, field)}"
        return None, [Finding("error", "far_date", f.what, where, f.hint, f.exit) for f in of_error(error)]


def gaps(clock: Clock, export: Export) -> list[Finding]:
    """An error (exit 7) where days inside the range have no row."""
    if not clock.unreliable:
        return []
    days = clock.unreliable
    shown = ", ".join(day.isoformat() for day in days[:_DAYS_SHOWN])
    more = f" and {len(days) - _DAYS_SHOWN} more" if len(days) > _DAYS_SHOWN else ""
    what = f"{export.name} have no row on {len(days)} day{'' if len(days) == 1 else 's'}: {shown}{more}"
    hint = "export these days again; until then the metrics of their periods are marked unreliable"
    return [Finding("error", "gap", what, show_files(export.files), hint, ExitCode.GAP)]


def freshness(
    exports: Exports, settings: Settings, last: Mapping[str, int], now: datetime, ticks_per_second: int
) -> list[Finding]:
    """An error (exit 5) for each source whose last row, in ticks, is older than its `max_age`."""
    found: list[Finding] = []
    for name, export in exports.sources.items():
        source: Source | None = getattr(settings.sources, name)
        if source is None or source.max_age is None:
            continue
        age = format_duration(source.max_age)
        if name not in last:
            what = f"max_age: {age} cannot be judged: {name} have no dates"
            found.append(Finding("warning", "undated", what, show_files(export.files), "map the column of their dates"))
            continue
        zone = ZoneInfo(settings.timezone)
        local = to_local(last[name] // ticks_per_second, zone)
        through = local
        if export.date_only:  # the row stands for its whole day
            midnight = local_midnight(local.date() + timedelta(days=1), zone)
            through = datetime.fromtimestamp(midnight, tz=UTC)
        if now - through > source.max_age:
            shown = local.date().isoformat() if export.date_only else local.isoformat(timespec="minutes")
            what = f"{name} are stale: the last row is of {shown}, and max_age is {age}"
            where = f"{show_files(export.files)}, column {label(export, _MAIN.get(name, 'timestamp'))}"
            found.append(Finding("error", "stale", what, where, "export again, or raise max_age", ExitCode.STALE))
    return found
