"""59,835 messages between students: activity, retention, sessions and stickiness judged by DuckDB."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.commands import run
from support.real import CONFIGURATIONS, by_period, judged, near, program, reported, rows_of, value

pytestmark = pytest.mark.real_data

CONFIGURATION = CONFIGURATIONS / "collegemsg.yaml"
AS_OF = "DATE '2004-10-26'"  # the midnight that opens the last message's day
MESSAGES = """
WITH sent AS (
  SELECT user_id AS customer, CAST(replace(replace("timestamp", 'T', ' '), 'Z', '') AS TIMESTAMP) AS moment
  FROM messages
), days AS (SELECT DISTINCT customer, CAST(moment AS DATE) AS day FROM sent)
"""


@cache
def report(folder: Path) -> dict[str, Any]:
    return reported("collegemsg.yaml", "--events", folder / "collegemsg.csv")


def asked(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    return judged(MESSAGES + sql, messages=folder / "collegemsg.csv")


def test_the_known_counts_come_out(real_data: Path) -> None:
    found = report(real_data)
    assert [value(found, name) for name in ("messages", "senders", "receivers")] == [59_835, 1_350, 1_862]
    assert (found["waterfall"]["read"], found["waterfall"]["used"]) == (59_835, 59_835)


def test_the_range_is_from_the_first_message_to_just_past_the_last(real_data: Path) -> None:
    found = report(real_data)
    (row,) = rows_of(found, "messages")
    assert (row["period_start"], row["period_end"][:19]) == ("2004-04-15", "2004-10-26T07:52:22")
    assert (found["as_of"], found["through"]) == ("2004-10-26", "2004-10-25")
    ((first, last),) = asked(real_data, "SELECT min(moment)::TEXT, max(moment)::TEXT FROM sent")
    assert (first, last) == ("2004-04-15 14:56:01", "2004-10-26 07:52:22")


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (("--since", "2004-04-15T14:56:01Z", "--until", "2004-10-26T07:52:23Z"), 59_835),
        (("--since", "2004-04-15T14:56:02Z", "--until", "2004-10-26T07:52:22Z"), 59_833),
    ],
)
def test_since_is_included_and_until_is_not(real_data: Path, bounds: tuple[str, ...], expected: int) -> None:
    found = reported("collegemsg.yaml", "--events", real_data / "collegemsg.csv", *bounds)
    assert value(found, "messages") == expected == found["waterfall"]["used"]
    assert found["waterfall"]["outside"] == 59_835 - expected


def test_messages_per_customer_and_day(real_data: Path) -> None:
    sql = "SELECT strftime(moment, '%Y-%m-%d'), count(*), count(DISTINCT customer) FROM sent GROUP BY 1"
    expected = {day: (messages, senders) for day, messages, senders in asked(real_data, sql)}
    found = {
        row["period_start"]: (row["numerator"], row["denominator"])
        for row in rows_of(report(real_data), "messages_per_customer_and_day")
    }
    assert {day: pair for day, pair in found.items() if pair[0]} == expected
    assert [day for day, pair in found.items() if not pair[0]] == ["2004-04-17", "2004-04-18"]
    values = by_period(report(real_data), "messages_per_customer_and_day")
    assert values == near({day: a / b if b else None for day, (a, b) in found.items() if b}) | {
        day: None for day, pair in found.items() if not pair[1]
    }


COHORTS = """
, entries AS (SELECT DISTINCT customer, date_trunc('week', moment) AS cohort FROM sent),
firsts AS (SELECT customer, min(cohort) AS cohort FROM entries GROUP BY 1),
weeks AS (SELECT unnest(generate_series(DATE '2004-04-12', DATE '2004-10-25', INTERVAL 7 DAY)) AS cohort),
cells AS (SELECT weeks.cohort, unnest(range(29)) AS period FROM weeks)
SELECT strftime(cells.cohort, '%Y-%m-%d'), period, count(DISTINCT e.customer), count(DISTINCT r.customer),
  CAST(cells.cohort AS DATE) + 7 * (CAST(period AS INTEGER) + 1) <= {as_of}
FROM cells LEFT JOIN {members} AS e ON e.cohort = cells.cohort
LEFT JOIN entries AS r ON r.customer = e.customer AND r.cohort = cells.cohort + INTERVAL 7 DAY * period
GROUP BY cells.cohort, period ORDER BY cells.cohort, period
"""


@pytest.mark.parametrize(
    ("metric", "members"), [("weekly_retention", "entries"), ("weekly_retention_first_time", "firsts")]
)
def test_weekly_retention(real_data: Path, metric: str, members: str) -> None:
    found = program("retention", metric, "-c", CONFIGURATION, "--events", real_data / "collegemsg.csv")
    expected = asked(real_data, COHORTS.format(as_of=AS_OF, members=members))
    cells = [
        (row["cohort_start"], row["period"], row["cohort_size"], row["retained"], row["complete"])
        for row in found["rows"]
        if row["complete"]
    ]
    assert cells == [row for row in expected if row[4]]
    assert len(found["rows"]) == 29 * 29
    pooled = {
        period: sum(row[3] for row in expected if row[4] and row[1] == period)
        / sum(row[2] for row in expected if row[4] and row[1] == period)
        for period in range(28)
    }
    means = {row["period"]: row["rate"] for row in found["totals"]["mean"] if row["rate"] is not None}
    assert means == near(pooled)


def test_sessions_by_month(real_data: Path) -> None:
    sql = """
    , gaps AS (
      SELECT customer, moment,
        coalesce(moment - lag(moment) OVER (PARTITION BY customer ORDER BY moment) > INTERVAL 30 MINUTE, TRUE) AS opens
      FROM sent
    ), numbered AS (
      SELECT *, sum(CAST(opens AS INT)) OVER (PARTITION BY customer ORDER BY moment) AS session FROM gaps
    ), sessions AS (
      SELECT customer, min(moment) AS opened, epoch(max(moment)) - epoch(min(moment)) AS seconds, count(*) AS events
      FROM numbered GROUP BY customer, session
    )
    SELECT strftime(date_trunc('month', opened), '%Y-%m-%d'), count(*), avg(seconds), median(seconds), avg(events),
      count(*) FILTER (events = 1)
    FROM sessions GROUP BY 1
    """
    found = report(real_data)
    names = ("sessions", "mean_seconds", "median_seconds", "events_per_session", "single_event_sessions")
    months = asked(real_data, sql)
    for column, name in enumerate(names, start=1):
        assert by_period(found, "sessions", measure=name) == near({row[0]: row[column] for row in months}), name


def test_stickiness_and_trailing_actives(real_data: Path) -> None:
    sql = f"""
    , ends AS (SELECT CAST(unnest(generate_series(DATE '2004-05-12', {AS_OF} - 1, INTERVAL 1 DAY)) AS DATE) AS last)
    SELECT strftime(last, '%Y-%m-%d'), count(*), count(DISTINCT customer)
    FROM ends JOIN days ON day BETWEEN last - 27 AND last GROUP BY 1
    """
    expected = {day: (actives, customers) for day, actives, customers in asked(real_data, sql)}
    found = report(real_data)
    sticky = {row["period_start"]: row for row in rows_of(found, "stickiness") if row["complete"]}
    assert {day: row["numerator"] for day, row in sticky.items()} == {day: pair[0] for day, pair in expected.items()}
    assert {day: row["denominator"] for day, row in sticky.items()} == {d: 28 * pair[1] for d, pair in expected.items()}
    trailing = {row["period_start"]: row["value"] for row in rows_of(found, "trailing") if row["complete"]}
    assert trailing == {day: pair[1] for day, pair in expected.items()}


def test_without_any_configuration(real_data: Path) -> None:
    found = program("report", "--events", real_data / "collegemsg.csv")
    assert found["waterfall"]["read"] == found["waterfall"]["used"] == 59_835
    for metric, unit in (("daily", "day"), ("weekly", "week"), ("monthly", "month")):
        sql = f"""SELECT strftime(date_trunc('{unit}', moment), '%Y-%m-%d'), count(DISTINCT customer)
            FROM sent GROUP BY 1"""
        active = by_period(found, f"{metric}_active_customers")
        assert {start: n for start, n in active.items() if n} == dict(asked(real_data, sql))
    assert by_period(found, "actions_per_active_customer") == near(
        dict(
            asked(
                real_data,
                "SELECT strftime(moment, '%Y-%m-01'), count(*) / count(DISTINCT customer) FROM sent GROUP BY 1",
            )
        )
    )
    assert any("2004-04-17" in warning for warning in found["warnings"])


def test_another_zone_moves_no_totals(real_data: Path) -> None:
    found = reported("collegemsg.yaml", "--events", real_data / "collegemsg.csv", "--timezone", "Asia/Kathmandu")
    assert [value(found, name) for name in ("messages", "senders", "receivers")] == [59_835, 1_350, 1_862]
    assert sum(by_period(found, "messages_per_customer_and_day", "numerator").values()) == 59_835


def test_the_views_need_no_configuration(real_data: Path) -> None:
    done = run(*("sessions", "--events", real_data / "collegemsg.csv", "--every", "month", "--format", "json", "-q"))
    assert done.code == 0, done.err
    expected = by_period(report(real_data), "sessions")
    assert {row["period_start"]: row["sessions"] for row in done.json["rows"]} == expected
