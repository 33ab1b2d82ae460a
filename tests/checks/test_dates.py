from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from engagement_cli.checks.finding import Finding, exit_code, ordered
from engagement_cli.errors import ExitCode

HEADER = "user_id,event,timestamp\n"


def days(first: date, count: int, without: tuple[int, ...] = ()) -> str:
    return HEADER + "".join(f"a,login,{first + timedelta(days=i)}\n" for i in range(count) if i not in without)


def test_days_without_rows_lead_to_exit_7(write, checked) -> None:
    report = checked("--events", write("events.csv", days(date(2025, 1, 1), 60, without=(20, 21))))
    assert report.code == 7
    assert report.one("gap")["what"] == "events have no row on 2 days: 2025-01-21, 2025-01-22"


def test_a_lone_far_date_is_an_error_at_its_line(write, checked) -> None:
    report = checked("--events", write("events.csv", days(date(2025, 1, 1), 30) + "b,login,2099-01-01\n"))
    finding = report.one("far_date")
    assert report.code == 3
    assert finding["where"] == "events.csv:32, column timestamp"
    assert "--as-of" in finding["hint"]
    assert report.json["as_of"] is None


def test_an_explicit_as_of_overrides_a_lone_far_date(write, checked) -> None:
    write("events.csv", days(date(2025, 1, 1), 30) + "b,login,2099-01-01\n")
    report = checked("--events", "events.csv", "--as-of", "2025-01-31")
    assert (report.code, report.json["as_of"]) == (0, "2025-01-31")


def test_a_source_older_than_its_max_age_is_stale(write, checked) -> None:
    write("events.csv", days(date(2025, 1, 1), 5))
    write("engagement.yaml", "sources:\n  events: {path: events.csv, max_age: 36h}\n")
    report = checked()
    assert report.code == 5
    assert report.one("stale")["what"] == "events are stale: the last row is of 2025-01-05, and max_age is 36h"


def test_a_fresh_source_is_not_stale(write, checked) -> None:
    today = datetime.now(UTC).date()
    write("events.csv", days(today - timedelta(days=5), 5))
    write("engagement.yaml", "sources:\n  events: {path: events.csv, max_age: 30h}\n")
    assert checked().of("stale") == []


def test_max_age_of_a_source_without_dates_warns(write, checked) -> None:
    write("crm.csv", "customer_id,country\na,FR\n")
    write("engagement.yaml", "sources:\n  customers: {path: crm.csv, max_age: 36h}\n")
    assert checked().one("undated")["severity"] == "warning"


@pytest.mark.parametrize(
    ("exits", "strict", "gravest"),
    [
        ((), False, ExitCode.DONE),
        ((ExitCode.GAP, ExitCode.STALE), False, ExitCode.STALE),
        ((ExitCode.STALE, ExitCode.FAILED), False, ExitCode.FAILED),
        ((ExitCode.FAILED, ExitCode.EMPTY), False, ExitCode.EMPTY),
        ((ExitCode.EMPTY, ExitCode.INPUT), False, ExitCode.INPUT),
        ((ExitCode.INPUT, ExitCode.USAGE), False, ExitCode.USAGE),
        ((ExitCode.GAP,), True, ExitCode.FAILED),
    ],
)
def test_the_gravest_error_gives_the_exit_code(exits, strict, gravest) -> None:
    errors = [Finding("error", "x", str(code), exit=code) for code in exits]
    assert exit_code([*errors, Finding("warning", "y", "y")], strict=strict) == gravest


def test_errors_come_before_warnings_before_notes_and_each_once() -> None:
    info, warning, error = (Finding(s, "x", "x") for s in ("info", "warning", "error"))
    assert ordered([info, warning, error, info]) == [error, warning, info]
