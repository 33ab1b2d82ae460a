"""What the data says about time, and the report's own clock: as_of, since, until, local periods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from engagement_cli.records import Record
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.periods import WEEKDAYS, Periods, local_midnight, periods, to_local

T = TypeVar("T")
_QUARTER_HOUR = 900


class Facts(Record):
    """What was seen while reading a source with dates; instants in ticks since 1970 UTC.

    `quarter_hours` are the sorted quarter hours (since 1970 UTC) with at least one row.
    """

    first: int
    last: int
    quarter_hours: NDArray[np.int64]
    ticks_per_second: int

    @staticmethod
    def joined(parts: Sequence[Facts]) -> Facts | None:
        """What was seen in all of several parts of a source; None of none."""
        if not parts:
            return None
        return Facts(
            min(facts.first for facts in parts),
            max(facts.last for facts in parts),
            np.unique(np.concatenate([facts.quarter_hours for facts in parts])),
            parts[0].ticks_per_second,
        )

    def local_days(self, zone: ZoneInfo) -> list[date]:
        """The local days with at least one row, in order."""
        table = periods(Grain("day"), self.first, self.last, zone, 0, self.ticks_per_second)
        seen = np.unique(table.index(self.quarter_hours * (_QUARTER_HOUR * self.ticks_per_second)))
        starts = table.bounds[np.clip(seen, 0, len(table) - 1)] // self.ticks_per_second
        return sorted({to_local(int(s), zone).date() for s in starts})


class Range(Record):
    """What the user asked of time: dates (local midnights) or instants, all half-open; `last` is a trailing length."""

    as_of: date | datetime | None = None
    since: date | datetime | None = None
    until: date | datetime | None = None
    last: timedelta | None = None


class Clock(Record):
    """The time of one report. Instants are ticks since 1970 UTC; `[since, until)` bounds what is counted.

    `as_of` is the exclusive end of what is complete; `first` and `last` are the first and last row's instants.
    `unreliable` are days without any row where rows were expected. Without any dates at all, `dated` is false; with
    dates alone, without times of day, `date_only` is true.
    """

    zone_name: str
    week_start: int
    ticks_per_second: int
    first: int
    last: int
    as_of: int
    since: int
    until: int
    since_given: bool = False
    until_given: bool = False
    unreliable: tuple[date, ...] = ()
    dated: bool = True
    date_only: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The report's zone."""
        return ZoneInfo(self.zone_name)

    @property
    def day(self) -> int:
        """Ticks of 24 hours."""
        return 86_400 * self.ticks_per_second

    def ticks(self, length: timedelta) -> int:
        """A duration in ticks, exactly."""
        return length // timedelta(microseconds=1) * self.ticks_per_second // 1_000_000

    def seconds(self, ticks: float) -> float:
        """Ticks as seconds."""
        return ticks / self.ticks_per_second

    def instant(self, moment: date | datetime) -> int:
        """Ticks of a date's local midnight, or of an instant; a date-time without offset is local time."""
        return instant(moment, self.zone, self.ticks_per_second)

    @cached_property
    def _shared(self) -> dict[object, object]:
        return {}

    def shared(self, key: object, make: Callable[[], T]) -> T:
        """What follows from the clock alone and many metrics use, computed once a report."""
        if key not in self._shared:
            self._shared[key] = make()
        return cast(T, self._shared[key])

    def periods(self, grain: Grain, beyond: int = 0) -> Periods:
        """The periods that cover all rows and `[since, until)`, and `beyond` more ticks after them."""

        def make() -> Periods:
            if grain.unit == "total":
                low, high = self.since, self.until - 1
            else:
                low, high = min(self.first, self.since), max(self.last, self.until - 1, self.as_of - 1) + beyond
            return periods(grain, low, max(low, high), self.zone, self.week_start, self.ticks_per_second)

        return self.shared(("periods", grain, beyond), make)

    def of_days(self, grain: Grain) -> NDArray[np.int32]:
        """The period of a grain of days or longer that each local day lies in."""
        return self.shared(
            ("of days", grain), lambda: self.periods(grain).index(self.periods(Grain("day")).bounds[:-1])
        )

    def shown(self, table: Periods) -> range:
        """Indices of the periods that meet `[since, until)`."""
        return range(table.at(self.since), table.at(max(self.since, self.until - 1)) + 1)

    def complete(self, table: Periods) -> NDArray[np.bool_]:
        """Which periods the data covers from end to end, one value a period."""
        covered = self.since if self.since_given else self.floor_day(self.since)  # data begins with its first day
        ends = table.bounds[1:]
        end = min(self.as_of, self.until) if self.until_given else self.as_of
        if len(table) == 1 and table.bounds[0] == self.since and table.bounds[1] == self.until:
            return np.array([True])  # the whole range, as asked
        return (table.bounds[:-1] >= covered) & (ends <= end)

    def lacks_days(self, begins: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of some spans `[begins, ends)` have the midnight of an unreliable day in them."""

        def make() -> NDArray[np.int64]:
            return np.array([self.instant(day) for day in self.unreliable], dtype=np.int64)

        missing = self.shared("unreliable days", make)
        return np.asarray(np.searchsorted(missing, ends) > np.searchsorted(missing, begins), np.bool_)

    def floor_day(self, time: int) -> int:
        """The local midnight that opens the day of an instant."""
        day = to_local(time // self.ticks_per_second, self.zone).date()
        return local_midnight(day, self.zone) * self.ticks_per_second

    def text(self, time: int, grain: Grain | None = None) -> str:
        """An instant as ISO 8601: a local date where it is a local midnight (but for hours), else with offset."""
        seconds, rest = divmod(int(time), self.ticks_per_second)
        local = to_local(seconds, self.zone)
        if local_midnight(local.date(), self.zone) == seconds and rest == 0 and (grain is None or grain.unit != "hour"):
            return local.date().isoformat()
        # Not by addition, which would forget which of two equal wall-clock times it is.
        return local.replace(microsecond=rest * 1_000_000 // self.ticks_per_second).isoformat()

    def through(self) -> str | None:
        """The last local day included; None without dates."""
        if not self.dated:
            return None
        return to_local((self.as_of - 1) // self.ticks_per_second, self.zone).date().isoformat()


def instant(moment: date | datetime, zone: ZoneInfo, ticks_per_second: int) -> int:
    """Ticks since 1970 UTC of a date's local midnight or of a date-time; one without offset is local time."""
    if not isinstance(moment, datetime):
        return local_midnight(moment, zone) * ticks_per_second
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    since_epoch = aware - datetime.fromtimestamp(0, tz=ZoneInfo("UTC"))
    return since_epoch // timedelta(microseconds=1) * ticks_per_second // 1_000_000


def week_start_index(name: str) -> int:
    """Monday = 0."""
    return WEEKDAYS.index(name)


def undated(settings_zone: str) -> Clock:
    """The clock of exports without any date: one instant, everything in it, nothing to compare."""
    return Clock(settings_zone, 0, 1_000_000, first=0, last=0, as_of=1, since=0, until=1, dated=False)
