"""From facts, settings and options to the clock: as_of, the range, missing days, the lone far date."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from engagement_cli.errors import UserError, input_error
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.clock import Clock, Facts, Range, instant, week_start_index
from engagement_cli.timeline.periods import local_midnight, to_local


def resolve_clock(facts: Facts, settings: Settings, asked: Range) -> Clock:
    """The report's clock.

    Raises `UserError` where the last day stands apart from all others (a mistyped year would make everyone inactive)
    and neither `--as-of` nor `complete_through` says otherwise, or where the range asked for is empty.
    """
    zone, tps = ZoneInfo(settings.timezone), facts.ticks_per_second
    days = facts.local_days(zone)
    events = settings.sources.events
    said = asked.as_of or (events.complete_through if events else None)
    if said is not None:
        as_of = instant(said, zone, tps)
        if said is not asked.as_of and not hasattr(said, "hour"):
            as_of = instant(said + timedelta(days=1), zone, tps)  # complete *through* a date
    else:
        _refuse_lone_far_date(days)
        as_of = _default_as_of(facts, days, zone)
    since = instant(asked.since, zone, tps) if asked.since is not None else None
    until = instant(asked.until, zone, tps) if asked.until is not None else None
    if asked.last is not None:
        end = until if until is not None else as_of
        day = to_local(end // tps, zone).date() - asked.last
        whole_days = asked.last % timedelta(days=1) == timedelta()
        since = instant(day, zone, tps) if whole_days else end - asked.last // timedelta(seconds=1) * tps
        until = end
    clock = Clock(
        zone_name=settings.timezone,
        week_start=week_start_index(settings.week_start),
        ticks_per_second=tps,
        first=facts.first,
        last=facts.last,
        as_of=as_of,
        since=since if since is not None else min(_floor_day(facts.first, zone, tps), as_of - 1),
        until=until if until is not None else (as_of if asked.as_of is not None else facts.last + 1),
        since_given=since is not None,
        until_given=until is not None or asked.as_of is not None,
        unreliable=_gaps(days, since, as_of, zone, tps),
        date_only=_is_date_only(facts, days, zone),
    )
    if clock.until <= clock.since:
        raise UserError(
            f"the range is empty: it starts at {clock.text(clock.since)} and ends at {clock.text(clock.until)}",
            hint=f"the rows run from {clock.text(facts.first)} to {clock.text(facts.last)}",
        )
    return clock


def _default_as_of(facts: Facts, days: list[date], zone: ZoneInfo) -> int:
    """The day after the last one for dates without times, or where all rows lie on one day; else the last midnight."""
    last = days[-1]
    closing = last + timedelta(days=1) if len(days) == 1 or _is_date_only(facts, days, zone) else last
    return local_midnight(closing, zone) * facts.ticks_per_second


def _is_date_only(facts: Facts, days: list[date], zone: ZoneInfo) -> bool:
    """Whether every row lies at a local midnight, as far as quarter hours, the first and the last row tell."""
    midnights = {local_midnight(d, zone) for d in days}
    ends = {facts.first, facts.last} <= {midnight * facts.ticks_per_second for midnight in midnights}
    return ends and all(int(q) * 900 in midnights for q in facts.quarter_hours)


def _floor_day(time: int, zone: ZoneInfo, tps: int) -> int:
    return local_midnight(to_local(time // tps, zone).date(), zone) * tps


def _refuse_lone_far_date(days: list[date]) -> None:
    if len(days) < 10:
        return
    gaps = [(b - a).days for a, b in pairwise(days)]
    apart, longest = gaps[-1], max(gaps[:-1])
    if apart > max(30, 3 * longest):
        raise input_error(
            f"the last day, {days[-1]}, stands {apart} days apart from all others (the one before is {days[-2]})",
            where=f"timestamp {days[-1]}",
            hint=f"if it is a mistake, correct or exclude the row, or say --as-of {days[-2] + timedelta(days=1)}; "
            f"if it is right, say --as-of {days[-1] + timedelta(days=1)}",
        )


def _gaps(days: list[date], since: int | None, as_of: int, zone: ZoneInfo, tps: int) -> tuple[date, ...]:
    """Days without a row inside the range, but for weekdays that are absent in 80 % of the weeks or more."""
    start = days[0] if since is None else max(days[0], to_local(since // tps, zone).date())
    end = min(days[-1], to_local((as_of - 1) // tps, zone).date())
    present = set(days)
    span = [start + timedelta(days=i) for i in range((end - start).days + 1)]
    seen = Counter(d.weekday() for d in span)
    absent = Counter(d.weekday() for d in span if d not in present)
    closed = {w for w, n in absent.items() if n >= 0.8 * seen[w]}
    return tuple(d for d in span if d not in present and d.weekday() not in closed)
