"""The report's clock from what the rows say and what the user asks: as_of, ranges, gaps, the lone far date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from engagement_cli.errors import ExitCode, UserError
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock, Facts, Range, undated
from engagement_cli.timeline.resolve import resolve_clock

TICKS = 1_000_000


def facts(*instants: str) -> Facts:
    times = sorted(int(datetime.fromisoformat(t).replace(tzinfo=UTC).timestamp()) * TICKS for t in instants)
    return Facts(times[0], times[-1], np.unique(np.array(times) // (900 * TICKS)), TICKS)


def days(first: str, offsets: Sequence[int], hour: int = 9) -> Facts:
    start = datetime.fromisoformat(first) + timedelta(hours=hour)
    return facts(*((start + timedelta(days=offset)).isoformat() for offset in offsets))


def clock(found: Facts, *, zone: str = "UTC", complete_through: date | datetime | None = None, **asked: Any) -> Clock:
    events = {"path": ("any",), "complete_through": complete_through}
    settings = Settings.model_validate({"timezone": zone, "sources": {"events": events}})
    return resolve_clock(found, settings, Range(**asked))


def said(found: Clock) -> tuple[str, str, str]:
    return found.text(found.as_of), found.text(found.since), found.text(found.until)


@pytest.mark.parametrize(
    ("instants", "zone", "as_of"),
    [
        (("2025-01-02T10:00", "2025-01-05T10:00"), "UTC", "2025-01-05"),
        (("2025-01-02T00:00", "2025-01-05T00:00"), "UTC", "2025-01-06"),  # dates without times
        (("2025-01-02T10:00", "2025-01-02T11:00"), "UTC", "2025-01-03"),  # one day alone
        (("2025-01-02T00:00",), "UTC", "2025-01-03"),
        (("2025-01-02T10:00", "2025-01-04T23:30"), "Europe/Paris", "2025-01-05"),
        (("2025-01-01T23:00", "2025-01-04T23:00"), "Europe/Paris", "2025-01-06"),  # local dates without times
        (("2018-11-01T10:00", "2018-11-04T10:00"), "America/Sao_Paulo", "2018-11-04"),  # a day without a midnight
    ],
)
def test_as_of_is_the_end_of_what_is_complete(instants: tuple[str, ...], zone: str, as_of: str) -> None:
    assert said(clock(facts(*instants), zone=zone))[0] == as_of


def test_the_default_as_of_drops_no_row() -> None:
    found = clock(facts("2025-01-02T10:00", "2025-01-05T10:00"))
    assert said(found) == ("2025-01-05", "2025-01-02", "2025-01-05T10:00:00.000001+00:00")
    assert not found.since_given and not found.until_given


def test_an_explicit_as_of_is_where_counting_ends() -> None:
    found = clock(facts("2025-01-02T10:00", "2025-01-05T10:00"), as_of=date(2025, 1, 4))
    assert said(found) == ("2025-01-04", "2025-01-02", "2025-01-04")


def test_until_is_independent_of_as_of() -> None:
    found = clock(facts("2025-01-02T10:00", "2025-01-05T10:00"), as_of=date(2025, 1, 4), until=date(2025, 1, 6))
    assert said(found) == ("2025-01-04", "2025-01-02", "2025-01-06")


def test_complete_through_is_the_last_day_included() -> None:
    rows = facts("2025-01-02T10:00", "2025-01-05T10:00")
    assert said(clock(rows, complete_through=date(2025, 1, 3)))[0] == "2025-01-04"
    assert said(clock(rows, complete_through=datetime(2025, 1, 3, 12, tzinfo=UTC)))[0] == "2025-01-03T12:00:00+00:00"
    assert said(clock(rows, complete_through=date(2025, 1, 3), as_of=date(2025, 1, 6)))[0] == "2025-01-06"
    assert clock(rows, complete_through=date(2025, 1, 3)).until == rows.last + 1


def test_last_is_counted_back_in_local_days_from_as_of_or_until() -> None:
    rows = days("2025-03-01", range(31))
    found = clock(rows, zone="Europe/Paris", last=timedelta(days=2))
    assert said(found) == ("2025-03-31", "2025-03-29", "2025-03-31")
    assert found.until - found.since == 47 * 3600 * TICKS  # one of the two days has 23 hours
    assert said(clock(rows, until=date(2025, 3, 10), last=timedelta(weeks=1)))[1:] == ("2025-03-03", "2025-03-10")
    assert said(clock(rows, until=date(2025, 3, 10), last=timedelta(hours=36)))[1] == "2025-03-08T12:00:00+00:00"


def test_an_empty_range_is_an_error_that_says_where_the_rows_are() -> None:
    with pytest.raises(UserError, match="the range is empty") as error:
        clock(facts("2025-01-02T10:00", "2025-01-05T10:00"), since=date(2025, 2, 1))
    assert "2025-01-02" in str(error.value.problems[0].hint)


# --- The lone far date ------------------------------------------------------------------------------------------------
def test_a_last_day_far_from_all_others_is_an_error_that_names_it() -> None:
    with pytest.raises(UserError) as error:
        clock(days("2025-01-01", [*range(10), 365 * 74]))
    problem = error.value.problems[0]
    assert error.value.code == ExitCode.INPUT
    assert "2098-12-14" in problem.what
    assert "--as-of 2025-01-11" in str(problem.hint)


@pytest.mark.parametrize(
    ("offsets", "refused"),
    [
        ([*range(10), 9 + 30], False),  # thirty days are no wonder
        ([*range(10), 9 + 31], True),
        ([*range(8), 8 + 31], False),  # nine days in all tell nothing
        ([*range(9), 8 + 31], True),
        ([*range(0, 200, 20), 180 + 60], False),  # three times the longest other gap
        ([*range(0, 200, 20), 180 + 61], True),
        ([0, *range(400, 410), 450], False),  # a lone day at the start is a long gap too
    ],
)
def test_how_far_is_far(offsets: list[int], refused: bool) -> None:
    if refused:
        with pytest.raises(UserError, match="stands"):
            clock(days("2025-01-01", offsets))
    else:
        assert clock(days("2025-01-01", offsets)).dated


def test_saying_so_overrides_it() -> None:
    rows = days("2025-01-01", [*range(10), 400])
    assert said(clock(rows, as_of=date(2025, 1, 11)))[0] == "2025-01-11"
    assert said(clock(rows, complete_through=date(2025, 1, 10)))[0] == "2025-01-11"


# --- Gaps -------------------------------------------------------------------------------------------------------------
def test_a_missing_day_is_a_gap_a_closed_weekday_is_none() -> None:
    # Monday to Thursday for six weeks but for one Tuesday; two of five Fridays; one of five Saturdays, which is 80 %
    # absent; no Sunday. The last Thursday opens as_of.
    present = [7 * week + day for week in range(6) for day in range(4) if (week, day) != (1, 1)]
    rows = days("2025-01-06", [*present, 4, 11, 5])
    fridays = (date(2025, 1, 24), date(2025, 1, 31), date(2025, 2, 7))
    assert clock(rows).unreliable == (date(2025, 1, 14), *fridays)


def test_gaps_are_those_inside_the_range() -> None:
    rows = days("2025-01-06", [day for day in range(21) if day not in (1, 9)])
    assert clock(rows).unreliable == (date(2025, 1, 7), date(2025, 1, 15))
    assert clock(rows, since=date(2025, 1, 8)).unreliable == (date(2025, 1, 15),)
    assert clock(rows, since=date(2024, 12, 1)).unreliable == (date(2025, 1, 7), date(2025, 1, 15))
    assert clock(rows, as_of=date(2025, 1, 15)).unreliable == (date(2025, 1, 7),)


# --- Completeness -----------------------------------------------------------------------------------------------------
def complete(found: Clock, grain: str) -> dict[str, bool]:
    table = found.periods(Grain(grain))
    return {found.text(int(table.bounds[i])): bool(found.complete(table)[i]) for i in found.shown(table)}


def test_a_period_is_complete_from_the_first_day_to_as_of() -> None:
    found = clock(days("2025-01-15", range(60)))
    assert complete(found, "month") == {"2025-01-01": False, "2025-02-01": True, "2025-03-01": False}
    assert complete(clock(days("2025-01-15", range(60)), since=date(2025, 1, 1)), "month")["2025-01-01"]


def test_since_and_until_inside_a_period_make_it_incomplete() -> None:
    found = clock(days("2025-01-01", range(90)), since=date(2025, 1, 10), until=date(2025, 3, 1))
    assert complete(found, "month") == {"2025-01-01": False, "2025-02-01": True}
    found = clock(days("2025-01-01", range(90)), since=date(2025, 1, 1), until=date(2025, 2, 10))
    assert complete(found, "month") == {"2025-01-01": True, "2025-02-01": False}


def test_nothing_dated_is_one_instant_without_text() -> None:
    found = undated("Europe/Paris")
    assert (found.dated, found.through()) == (False, None)
    assert len(found.periods(Grain("month"))) == 1
    assert found.complete(found.periods(Grain("total"))).tolist() == [True]
