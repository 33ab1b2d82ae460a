"""The span that is generated, in seconds from its first midnight (UTC), and how busy its weeks are."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from engagement_cli.records import Record
from engagement_cli.samples.arrays import Floats, Ints

MINUTE = 60
HOUR = 3_600
DAY = 86_400
WEEK = 7 * DAY
WARM_UP_WEEKS = 26


class Span(Record):
    """`days` days up to, and without, `end`; weeks are counted from the first day, whatever weekday it is."""

    end: date
    days: int

    @property
    def start(self) -> date:
        """The first day."""
        return self.end - timedelta(days=self.days)

    @property
    def seconds(self) -> int:
        """Length of the span."""
        return self.days * DAY

    @property
    def weeks(self) -> int:
        """Weeks touched by the span; the last may be a part of one."""
        return -(-self.days // 7)

    def day(self, number: int) -> date:
        """The date of the day with this number, 0 being the first."""
        return self.start + timedelta(days=number)


def week_starts(span: Span) -> Ints:
    """Shape (weeks,): seconds from the span's start to each week's start."""
    return np.arange(span.weeks, dtype=np.int64) * WEEK


def weekly_season(span: Span, months: tuple[float, ...]) -> Floats:
    """Shape (weeks,): the factor of the month in which each week's middle lies."""
    return np.array([months[span.day(7 * week + 3).month - 1] for week in range(span.weeks)])


def rotated_weekdays(span: Span, weekdays: tuple[float, ...]) -> tuple[float, ...]:
    """`weekdays` (Monday first) rearranged so that entry 0 is the weekday on which the span starts."""
    first = span.start.weekday()
    return weekdays[first:] + weekdays[:first]
