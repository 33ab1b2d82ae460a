"""Local periods against a walk over the wall clock: odd zones, odd midnights, multiples, other week starts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from engagement_cli.settings.values import Grain, parse_grain
from engagement_cli.timeline.periods import local_midnight, periods

TICKS = 1_000_000
ODD = (
    ("Europe/Paris", date(2025, 3, 1)),
    ("Europe/Paris", date(2025, 10, 1)),
    ("America/Sao_Paulo", date(2018, 10, 20)),  # a midnight that does not exist
    ("America/Sao_Paulo", date(2018, 2, 1)),  # an hour before midnight that comes twice
    ("America/Havana", date(2024, 10, 20)),  # the hour after midnight that comes twice
    ("Africa/Cairo", date(2023, 4, 10)),
    ("Asia/Kathmandu", date(1985, 12, 20)),  # fifteen minutes forward at midnight
    ("Australia/Lord_Howe", date(2025, 3, 20)),  # half an hour
)
MONDAY = date(1970, 1, 5).toordinal()


def key(grain: Grain, wall: datetime, week_start: int) -> Any:
    """What two instants of one period have in common."""
    day, count = wall.date(), grain.count
    match grain.unit:
        case "day":
            return (day.toordinal() - MONDAY) // count
        case "week":
            return (day.toordinal() - MONDAY - week_start) // 7 // count
        case "month":
            return (day.year * 12 + day.month - 1) // count
    return (day.year * 4 + (day.month - 1) // 3) // count


@pytest.mark.parametrize("place", ODD, ids=lambda place: f"{place[0]} {place[1]}")
@pytest.mark.parametrize("text", ["day", "week", "month", "quarter", "2d", "3d", "2w", "2mo", "2q"])
def test_a_period_changes_when_and_only_when_the_wall_clock_says_so(place: tuple[str, date], text: str) -> None:
    zone, grain, week_start = ZoneInfo(place[0]), parse_grain(text), 6 if text.endswith("w") else 0
    first = datetime(place[1].year, place[1].month, place[1].day, 5, 17, tzinfo=UTC)
    instants = [
        first + timedelta(minutes=1 if text == "day" and i % 97 == 0 else 0, seconds=900 * i) for i in range(4000)
    ]
    seconds = np.array([int(t.timestamp()) for t in instants])
    table = periods(grain, int(seconds[0]) * TICKS, int(seconds[-1]) * TICKS, zone, week_start, TICKS)
    index = table.index(seconds * TICKS)
    assert index[0] == 0
    assert index[-1] == len(table) - 1
    keys = [key(grain, t.astimezone(zone), week_start) for t in instants]
    assert np.diff(index).tolist() == [b - a for a, b in pairwise(keys)]
    assert [table.at(int(t) * TICKS) for t in seconds[::97]] == index[::97].tolist()


@pytest.mark.parametrize("place", ODD[:7], ids=lambda place: f"{place[0]} {place[1]}")
def test_hours_are_sixty_minutes_from_the_local_hour(place: tuple[str, date]) -> None:
    zone = ZoneInfo(place[0])
    first = int(datetime(place[1].year, place[1].month, place[1].day, 5, 17, tzinfo=UTC).timestamp())
    table = periods(Grain("hour"), first * TICKS, (first + 40 * 86_400) * TICKS, zone, 0, TICKS)
    assert set(np.diff(table.bounds).tolist()) == {3600 * TICKS}
    assert datetime.fromtimestamp(int(table.bounds[0]) // TICKS, zone).minute == 0
    assert table.bounds[0] <= first * TICKS < table.bounds[1]


def test_a_day_that_a_country_skipped_is_empty() -> None:
    zone = ZoneInfo("Pacific/Apia")  # went from 29 to 31 December 2011
    begin, end = (int(datetime(2011, 12, day, 12, tzinfo=UTC).timestamp()) for day in (27, 31))
    table = periods(Grain("day"), begin * TICKS, end * TICKS, zone, 0, TICKS)
    days = [datetime.fromtimestamp(s, zone).date() for s in range(begin, end, 900)]
    index = table.index(np.arange(begin, end, 900) * TICKS)
    assert np.diff(index).tolist() == [(b - a).days for a, b in pairwise(days)]
    assert local_midnight(date(2011, 12, 30), zone) == local_midnight(date(2011, 12, 31), zone)


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00:00+00:00"),
        ("America/Havana", date(2024, 11, 3), "2024-11-03T04:00:00+00:00"),
        ("Africa/Cairo", date(2023, 4, 28), "2023-04-27T22:00:00+00:00"),
        ("Asia/Kathmandu", date(1986, 1, 1), "1985-12-31T18:30:00+00:00"),
        ("UTC", date(2024, 2, 29), "2024-02-29T00:00:00+00:00"),
    ],
)
def test_a_day_starts_at_its_first_instant(zone: str, day: date, instant: str) -> None:
    assert local_midnight(day, ZoneInfo(zone)) == int(datetime.fromisoformat(instant).timestamp())


@pytest.mark.parametrize("text", ["hour", "6h", "day", "week", "month", "2mo", "2d"])
def test_where_periods_start_does_not_depend_on_the_data(text: str) -> None:
    zone, grain = ZoneInfo("Europe/Paris"), parse_grain(text)
    early = int(datetime(2025, 1, 5, 13, tzinfo=UTC).timestamp()) * TICKS
    late = int(datetime(2025, 3, 20, 4, tzinfo=UTC).timestamp()) * TICKS
    whole = periods(grain, early, late, zone, 0, TICKS)
    for day in range(1, 70, 13):
        part = periods(grain, early + day * 86_400 * TICKS + 7 * TICKS, late, zone, 0, TICKS)
        assert set(part.bounds.tolist()) <= set(whole.bounds.tolist())


def test_instants_outside_are_told_apart() -> None:
    start = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * TICKS
    for last in (start + 3600 * TICKS, start + 3601 * TICKS):
        table = periods(Grain("total"), start, last, ZoneInfo("UTC"), 0, TICKS)
        assert table.index(np.array([start - 1, start, last, last + 1])).tolist() == [-1, 0, 0, 1]
