"""Which cohorts a retention shows, where their cells begin and end, and which of these are complete."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.periods import Periods, periods

Bracket = tuple[int, int]
_BRACKET = re.compile(r"([0-9]{1,4})(?:-([0-9]{1,4}))?")
_LONGEST_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92}
# The elapsed clock counts fixed lengths: months are 30 days, quarters 90.
_ELAPSED_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 90}


def parse_bracket(text: str) -> Bracket:
    """`1-3` as (1, 3), `0` as (0, 0). Raises ValueError for anything else."""
    match = _BRACKET.fullmatch(text)
    if match is None or int(match[1]) > int(match[2] or match[1]):
        raise ValueError(f"{text!r} is no bracket of periods; write 1-3, or 0 for a single one")
    return int(match[1]), int(match[2] or match[1])


class CohortCells(Record):
    """The cells of the cohorts from `first`, which start at `starts` (texts); flags have one entry a cell.

    A cell is reliable where no day is missing in the cohort's period or in its own.
    """

    first: int
    starts: tuple[str, ...]
    brackets: tuple[Bracket, ...]
    ended: Flags
    begun: Flags
    reliable: Flags

    def __len__(self) -> int:
        """How many cells there are."""
        return len(self.ended)


class Cohorts(Record):
    """The cohorts from `first` to `last` (periods of `table`) of one report; instants in ticks.

    `since` and `until` bound the start events; `end` is the exclusive end of what is complete, and `seen` of what is
    read. `length` is a period of the elapsed clock.
    """

    table: Periods
    first: int
    last: int
    since: int
    until: int
    end: int
    seen: int
    length: int

    def cells(self, clock: Clock, grain: Grain, brackets: Sequence[Bracket], *, elapsed: bool) -> CohortCells:
        """Every cell, cohort by cohort."""
        cohort = np.arange(self.first, self.last + 1)
        begins = np.array([self._edge(cohort, first, elapsed=elapsed) for first, _ in brackets]).T.reshape(-1)
        # The last member may enter just before the cohort's period ends.
        ends = np.array([self._edge(cohort + elapsed, last + 1, elapsed=elapsed) for _, last in brackets]).T.reshape(-1)
        of_entry = np.repeat(clock.lacks_days(self.table.bounds[cohort], self.table.bounds[cohort + 1]), len(brackets))
        return CohortCells(
            first=self.first,
            starts=tuple(clock.text(time, grain) for time in self.table.bounds[cohort].tolist()),
            brackets=tuple(brackets),
            ended=ends <= self.end,
            begun=begins < max(self.end, self.seen),
            reliable=~of_entry & ~clock.lacks_days(begins, ends),
        )

    def _edge(self, cohort: Int64s, offset: int, *, elapsed: bool) -> Int64s:
        bounds = self.table.bounds
        return bounds[cohort] + offset * self.length if elapsed else bounds[cohort + offset]


def cohorts(clock: Clock, grain: Grain, intervals: int, brackets: Sequence[Bracket]) -> Cohorts:
    """The cohorts up to the period that contains the last instant before `until`.

    They begin with the period of `since` where it was asked for, else they are `intervals` many. Rows at or past
    `until` are not read, so that cells which end after it are as incomplete as those that end after `as_of`.
    """
    unit = 3600 if grain.unit == "hour" else _LONGEST_DAYS[grain.unit] * 86_400
    longest = (unit * grain.count + 7200) * clock.ticks_per_second  # days of 25 hours, and more
    low = clock.since if clock.since_given else clock.until - (intervals + 1) * longest
    high = clock.until + (max(last for _, last in brackets) + 2) * longest
    table = periods(grain, low, high, clock.zone, clock.week_start, clock.ticks_per_second)
    last = table.at(clock.until - 1)
    first = table.at(clock.since) if clock.since_given else last - intervals + 1
    since = clock.since if clock.since_given else int(table.bounds[first])
    end = min(clock.as_of, clock.until) if clock.until_given else clock.as_of
    elapsed_unit = 3600 if grain.unit == "hour" else _ELAPSED_DAYS[grain.unit] * 86_400
    length = elapsed_unit * grain.count * clock.ticks_per_second
    return Cohorts(table, first, last, since, clock.until, end, min(clock.until, clock.last + 1), length)
