from __future__ import annotations

import pytest

from engagement_cli.render.periods import moment, period_name


@pytest.mark.parametrize(
    ("start", "end", "every", "text"),
    [
        ("2025-05-01T00:00:00+02:00", "2025-06-01T00:00:00+02:00", "month", "May 2025"),
        ("2025-04-01T00:00:00+02:00", "2025-07-01T00:00:00+02:00", "quarter", "2025-Q2"),
        ("2025-06-02T00:00:00+02:00", "2025-06-09T00:00:00+02:00", "week", "2025-W23"),
        ("2024-12-30T00:00:00Z", "2025-01-06T00:00:00Z", "week", "2025-W01"),
        ("2025-06-01T00:00:00Z", "2025-06-08T00:00:00Z", "week", "2025-06-01…07"),
        ("2025-06-30T00:00:00Z", "2025-07-01T00:00:00Z", "day", "2025-06-30"),
        ("2025-06-30T14:00:00Z", "2025-06-30T15:00:00Z", "hour", "2025-06-30 14:00"),
        ("2025-06-17T00:00:00Z", "2025-06-19T00:00:00Z", "2d", "2025-06-17…18"),
        ("2025-05-30T00:00:00Z", "2025-06-27T00:00:00Z", "28d", "2025-05-30…06-26"),
        ("2024-07-01T00:00:00Z", "2025-07-01T00:00:00Z", "total", "2024-07-01…2025-06-30"),
        ("2025-06-30T10:00:00Z", "2025-06-30T16:00:00Z", "6h", "2025-06-30 10:00…2025-06-30 16:00"),
        ("2025-01-01", None, "month", "Jan 2025"),
        ("2025-01-01", None, "2mo", "from 2025-01-01"),
        (None, None, "total", "all"),
        (None, "2025-07-01", "total", "to 2025-06-30"),
        ("not a date", None, "month", "not a date"),
    ],
)
def test_a_period_has_the_name_that_people_use(start: str | None, end: str | None, every: str, text: str) -> None:
    assert period_name(start, end, every) == text


def test_a_total_up_to_the_last_day_says_how_long_it_is() -> None:
    assert period_name("2025-01-01", "2025-07-01", "total", "2025-06-30") == "181 days"
    assert period_name("2025-01-01", "2025-06-01", "total", "2025-06-30") == "2025-01-01…05-31"


def test_a_moment_at_midnight_is_a_date() -> None:
    assert moment("2025-07-01T00:00:00+02:00") == "2025-07-01"
    assert moment("2025-07-01T13:05:00Z") == "2025-07-01 13:05"
    assert moment(None) == ""
