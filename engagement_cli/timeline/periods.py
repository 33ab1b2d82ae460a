"""Local periods in an IANA zone as instants: where hours, days, weeks, months and quarters start."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.periods import period_index
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain

Instants = NDArray[np.int64]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def local_midnight(day: date, zone: ZoneInfo) -> int:
    """Seconds since 1970 UTC of the first instant of a local day, also where midnight does not exist or comes twice."""
    naive = datetime(day.year, day.month, day.day)
    guesses = []
    for fold in (0, 1):
        instant = (naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) - _EPOCH) // timedelta(seconds=1)
        if to_local(instant, zone).replace(tzinfo=None) == naive:
            return instant
        guesses.append(instant)
    # Midnight is skipped, or the whole day: the transition lies somewhere within the hours around the two guesses.
    low, high = min(guesses) - 10_800, max(guesses) + 10_800
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if to_local(middle, zone).date() >= day else (middle, high)
    return high


def to_local(seconds: int, zone: ZoneInfo) -> datetime:
    """Local date and time of an instant given in whole seconds since 1970 UTC."""
    return (_EPOCH + timedelta(seconds=seconds)).astimezone(zone)


def floor_date(day: date, grain: Grain, week_start: int) -> date:
    """First day of the period of one unit that contains `day`; `week_start` counts from Monday = 0."""
    if grain.unit == "week":
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    if grain.unit == "month":
        return day.replace(day=1)
    if grain.unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day


def add_units(day: date, grain: Grain, units: int) -> date:
    """`day` moved by whole units of the grain; `day` must be a period's first day for months and quarters."""
    if grain.unit in ("month", "quarter"):
        months = day.year * 12 + day.month - 1 + units * (3 if grain.unit == "quarter" else 1)
        return date(months // 12, months % 12 + 1, 1)
    return day + timedelta(days=units * (7 if grain.unit == "week" else 1))


class Periods(Record):
    """Consecutive periods: period i is `[bounds[i], bounds[i + 1])`, in ticks since 1970 UTC.

    `bounds` has one entry more than there are periods. Instants outside have index −1 or `len(self)`.
    """

    bounds: Instants
    ticks_per_second: int

    def __len__(self) -> int:
        """How many periods there are."""
        return len(self.bounds) - 1

    def index(self, time: Instants) -> NDArray[np.int32]:
        """Which period each instant lies in."""
        return period_index(time, self.bounds)

    def at(self, instant: int) -> int:
        """Index of the period that contains one instant."""
        return bisect_right(self.bounds, instant) - 1


def periods(grain: Grain, first: int, last: int, zone: ZoneInfo, week_start: int, ticks_per_second: int) -> Periods:
    """The periods of a grain that cover the instants `first` to `last` (ticks, both included).

    Days, weeks, months and quarters start at local midnight; hours are absolute hours that start on the local hour.
    Multiples (`2d`) are counted from 1970-01-05, a Monday moved to `week_start`, for days, weeks and hours; from
    January for months and quarters. `total` is one period from `first` to just past `last`.
    """
    if grain.unit == "total":
        return Periods(np.array([first, last + 1], dtype=np.int64), ticks_per_second)
    low, high = first // ticks_per_second, last // ticks_per_second
    if grain.unit == "hour":
        seconds = _hours(low, high, grain.count, zone)
    else:
        seconds = _days_and_more(low, high, grain, zone, week_start)
    return Periods(np.array(seconds, dtype=np.int64) * ticks_per_second, ticks_per_second)


def _hours(low: int, high: int, count: int, zone: ZoneInfo) -> list[int]:
    offset = int((to_local(low, zone).utcoffset() or timedelta()).total_seconds())
    width = 3600 * count
    start = (low + offset) // width * width - offset
    return list(range(start, high + width + 1, width))


def _days_and_more(low: int, high: int, grain: Grain, zone: ZoneInfo, week_start: int) -> list[int]:
    day = floor_date(to_local(low, zone).date(), grain, week_start)
    if grain.count > 1:
        day = add_units(day, grain, -(_ordinal(day, grain, week_start) % grain.count))
    bounds = [local_midnight(day, zone)]
    while bounds[-1] <= high:
        day = add_units(day, grain, grain.count)
        bounds.append(local_midnight(day, zone))
    return bounds


def _ordinal(day: date, grain: Grain, week_start: int) -> int:
    """Units between a fixed origin and `day`: multiples must not depend on where the data starts."""
    if grain.unit == "month":
        return day.year * 12 + day.month - 1
    if grain.unit == "quarter":
        return day.year * 4 + (day.month - 1) // 3
    days = (day - date(1970, 1, 5)).days
    return (days - week_start) // 7 if grain.unit == "week" else days
