"""The boards `support` and `features`: each number on the sample is that of SQL over the files, and of `explain`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb
import pytest
from support.catalogue import sample_outcome, sample_session
from support.sample_sql import judged, sample_in_duckdb
from typer.testing import CliRunner

from engagement_cli.app import program
from engagement_cli.commands.explained_number import number_of

# What is sent or shown to customers, or done by support or a program: it is in no session.
SYSTEM = "'email_delivered', 'email_opened', 'ad_impression', 'ticket_replied', 'ticket_resolved', 'refund'"
NO_ACTIVITY = f"{SYSTEM}, 'email_unsubscribed', 'ticket_opened', 'cancel_page'"
ACTIVE = f"(SELECT count(DISTINCT customer) FROM june WHERE event NOT IN ({NO_ACTIVITY}))"
PAIRS = """
    WITH o AS (SELECT ticket, min(ts) AS t FROM e WHERE event = 'ticket_opened' AND ticket IS NOT NULL GROUP BY 1),
    p AS (
        SELECT ticket, t, (SELECT min(ts) FROM e WHERE event = '{end}' AND e.ticket = o.ticket AND ts >= t) AS d FROM o
    ),
    mine AS (SELECT *, epoch(d) - epoch(t) AS s FROM p WHERE t >= '2025-06-01' AND t < '2025-07-01')
"""
REPLIES, SOLVING = PAIRS.format(end="ticket_replied"), PAIRS.format(end="ticket_resolved")
SUPPORT = {
    "tickets_opened": "SELECT count(*) FROM june WHERE event = 'ticket_opened'",
    "contact_rate": f"SELECT count(*) / {ACTIVE} FROM june WHERE event = 'ticket_opened' AND customer IS NOT NULL",
    "first_response_time": f"{REPLIES} SELECT median(s) FROM mine",
    "mean_first_response_time": f"{REPLIES} SELECT avg(s) FROM mine",
    "first_response_within_a_day": f"{REPLIES} SELECT count(*) FILTER (s <= 86400) / count(*) FROM mine",
    "resolution_time": f"{SOLVING} SELECT median(s) FROM mine",
    "resolution_within_limit": f"{SOLVING} SELECT count(*) FILTER (s <= 259200) / count(*) FROM mine",
    "tickets_resolved_share": f"{SOLVING} SELECT count(d) / count(*) FROM mine",
    "open_tickets": f"{SOLVING} SELECT count(*) FROM p WHERE t < '2025-07-01' AND (d IS NULL OR d >= '2025-07-01')",
    "overdue_tickets": f"""{SOLVING} SELECT count(*) FROM p
        WHERE t + INTERVAL 72 HOUR < '2025-07-01' AND (d IS NULL OR d >= '2025-07-01')""",
    "support_feedback": "SELECT count(*) FROM june WHERE event = 'support_feedback'",
    "support_sentiment": "SELECT avg(sentiment) FROM june WHERE event = 'support_feedback'",
}
SESSIONS = f"""
    CREATE TABLE spent AS
    WITH s AS (SELECT DISTINCT customer, ts FROM e WHERE customer IS NOT NULL AND event NOT IN ({SYSTEM})),
    n AS (SELECT *, lead(ts) OVER (PARTITION BY customer ORDER BY ts) AS next FROM s)
    SELECT e.*, CASE WHEN next - n.ts <= INTERVAL 30 MINUTE THEN epoch(next) - epoch(n.ts) END AS seconds
    FROM e JOIN n ON n.customer = e.customer AND n.ts = e.ts
    WHERE n.ts >= '2025-06-01' AND n.ts < '2025-07-01'
"""
FEATURES = {
    "feature_adoption": f"SELECT count(DISTINCT customer) / {ACTIVE} FROM june WHERE {{}}",
    "feature_users": "SELECT count(DISTINCT customer) FROM june WHERE {}",
    "feature_uses_per_user": "SELECT count(*) / count(DISTINCT customer) FROM june WHERE customer IS NOT NULL AND {}",
    "time_per_feature_use": "SELECT avg(seconds) FROM spent WHERE {}",
    "time_per_feature_user": "SELECT sum(seconds) / count(DISTINCT customer) FROM spent WHERE {}",
}
VIEWED = "event = 'page_view' AND campaign IS NOT NULL"
KEY = "'dashboard', 'report', 'export', 'integration'"
OTHERS = {
    "landing_time": f"SELECT avg(seconds) FROM spent WHERE {VIEWED}",
    "landing_exits": f"SELECT count(*) FILTER (seconds IS NULL) / count(*) FROM spent WHERE {VIEWED}",
    "time_per_page_view": "SELECT avg(seconds) FROM spent WHERE event = 'page_view'",
    "time_per_content": "SELECT avg(seconds) FROM spent WHERE event IN ('feed_read', 'video_view')",
    "key_feature_adoption": f"SELECT count(DISTINCT customer) / {ACTIVE} FROM june WHERE feature IN ({KEY})",
    "key_features_used": f"""SELECT sum(n) / 4 / {ACTIVE} FROM (
        SELECT count(DISTINCT feature) AS n FROM june WHERE feature IN ({KEY}) GROUP BY customer)""",
}


@cache
def board(name: str, *options: str) -> dict[str, Any]:
    words = [name, "--sample", "-q", "--format", "json", *options]
    result = CliRunner().invoke(program(), words, catch_exceptions=False)
    assert result.exit_code == 0
    return dict(json.loads(result.stdout))


def explained(name: str) -> dict[str, Any]:
    settings = sample_session().settings
    return dict(number_of(name, settings.metrics, sample_outcome(), settings).headline.row)


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    with sample_in_duckdb() as connection:
        connection.execute(SESSIONS)
        yield connection


def test_the_boards_have_all_that_is_judged_here_and_the_surveys() -> None:
    assert board("support")["parameters"]["metrics"] == [*SUPPORT, "effort_score", "csat"]
    assert board("features")["parameters"]["metrics"] == [*FEATURES]


@pytest.mark.parametrize("name", SUPPORT)
def test_support_in_june(name: str, sql: duckdb.DuckDBPyConnection) -> None:
    row = next(row for row in board("support")["rows"] if row["period_start"] == "2025-06-01")
    assert row[name] == pytest.approx(judged(sql, SUPPORT[name]))
    assert row[name] == explained(name)["value"]


@pytest.mark.parametrize("name", FEATURES)
def test_features_in_june_one_by_one(name: str, sql: duckdb.DuckDBPyConnection) -> None:
    rows = board("features")["rows"]
    assert [row["feature"] for row in rows][:2] == [None, "dashboard"]
    assert len(rows) == 9
    for row in rows:
        chosen = "event = 'feature_used'"
        chosen += "" if row["feature"] is None else f" AND feature = '{row['feature']}'"
        assert row[name] == pytest.approx(judged(sql, FEATURES[name].format(chosen))), row["feature"]
    assert rows[0][name] == explained(name)["value"]


@pytest.mark.parametrize("name", OTHERS)
def test_times_and_key_features_in_june(name: str, sql: duckdb.DuckDBPyConnection) -> None:
    assert explained(name)["value"] == pytest.approx(judged(sql, OTHERS[name]))


def test_support_by_country_adds_up() -> None:
    rows = board("support", "--by", "country")["rows"]
    for name in ("tickets_opened", "open_tickets", "overdue_tickets"):
        assert rows[0][name] == sum(row[name] for row in rows[1:] if row[name] is not None)


@pytest.mark.parametrize("name", ["support", "features"])
@pytest.mark.parametrize("columns", ["80", "160"])
def test_the_boards_fit_the_terminal_and_say_what_times_are(name: str, columns: str) -> None:
    words = [name, "--sample", "-q"]
    told = CliRunner().invoke(program(), words, env={"COLUMNS": columns}, catch_exceptions=False).stdout
    assert max(map(len, told.splitlines())) <= int(columns)
    note = {"support": "shares count the open ones as not ended", "features": "the last event of a session has no time"}
    assert note[name] in " ".join(told.split())
