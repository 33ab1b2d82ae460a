"""The board `social`: each of its numbers on the sample is that of SQL over the raw files, and that of `explain`."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import duckdb
import pytest
from support.catalogue import sample_outcome, sample_session
from typer.testing import CliRunner

from engagement_cli.app import program
from engagement_cli.commands.explained_number import number_of
from engagement_cli.samples.shipped import shipped_sample

FILES = shipped_sample()
# What the customer does to others, and what is no activity of theirs.
SOCIAL = (
    "'vote', 'comment', 'rating', 'review', 'post', 'blog_post', 'photo_upload', 'video_upload', 'share', "
    "'content_shared', 'forward', 'tag', 'widget_embed', 'invite_sent', 'add_friend', 'join_group', 'create_community'"
)
NO_ACTIVITY = (
    "'email_delivered', 'email_opened', 'email_unsubscribed', 'ad_impression', 'ticket_opened', 'ticket_replied', "
    "'ticket_resolved', 'refund', 'cancel_page'"
)
EVENTS = f"""
    CREATE TABLE e AS
    SELECT coalesce(i.user_id, r.user_id) AS customer, r.event_name AS event, r.content_id AS content,
           try_cast(r.occurred_at AS TIMESTAMPTZ)::TIMESTAMP AS ts, r.value::DOUBLE AS value
    FROM read_csv('{FILES["events"]}', all_varchar = true) r
    LEFT JOIN read_csv('{FILES["events"].parent / "identities.csv"}', all_varchar = true) i ON i.alias = r.user_id
    WHERE try_cast(r.occurred_at AS TIMESTAMPTZ) IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY customer, r.event_id) = 1;
    CREATE TABLE june AS SELECT * FROM e WHERE ts >= '2025-06-01' AND ts < '2025-07-01';
    CREATE TABLE audience AS SELECT * FROM read_csv('{FILES["audience"]}');
"""
FOLLOWERS = "(SELECT sum(followers) FROM audience WHERE date = '{}')"
REACTIONS = "(SELECT count(*) FROM june WHERE event IN ('comment', 'share', 'content_shared'))"
ACTIVE = f"(SELECT count(DISTINCT customer) FROM june WHERE event NOT IN ({NO_ACTIVITY}))"


def _of_june(column: str) -> str:
    return f"(SELECT sum({column}) FROM audience WHERE date >= '2025-06-01' AND date < '2025-07-01')"


def _who_of_active(events: str) -> str:
    return f"(SELECT count(DISTINCT customer) FROM june WHERE event IN ({events})) / {ACTIVE}"


CASES = {
    "followers": FOLLOWERS.format("2025-06-30"),
    "followers_gained": f"{FOLLOWERS.format('2025-06-30')} - {FOLLOWERS.format('2025-05-31')}",
    "follower_growth": f"{FOLLOWERS.format('2025-06-30')} / {FOLLOWERS.format('2025-05-31')} - 1",
    "social_engagement_rate": f"{REACTIONS} / {FOLLOWERS.format('2025-06-30')}",
    "social_engagement_rate_of_reach": f"{REACTIONS} / {_of_june('reach')}",
    "social_engagement_rate_of_impressions": f"{REACTIONS} / {_of_june('impressions')}",
    "reach": _of_june("reach"),
    "brand_mentions": _of_june("mentions"),
    "brand_sentiment": _of_june("sentiment").replace("sum(", "avg("),
    "social_participation": _who_of_active(SOCIAL),
    "shares": "(SELECT count(*) FROM june WHERE event IN ('share', 'content_shared'))",
    "sharing_customers": _who_of_active("'share', 'content_shared'"),
    "invitations": "(SELECT count(*) FROM june WHERE event = 'invite_sent')",
    "inviting_customers": _who_of_active("'invite_sent'"),
    "referred_value": f"""
        SELECT sum(value) FROM june WHERE event = 'purchase' AND customer IN (
            SELECT user_id FROM read_csv('{FILES["customers"]}', all_varchar = true) WHERE referred_by IS NOT NULL)
    """,
}
VELOCITY = """
    WITH s AS (SELECT content, ts FROM e WHERE event IN ('share', 'content_shared', 'forward') AND content IS NOT NULL),
    f AS (SELECT content, min(ts) AS first FROM s GROUP BY 1 HAVING first >= '2025-05-01' AND first < '2025-06-01')
    SELECT count(*) / 24 / (SELECT count(*) FROM f) FROM s JOIN f USING (content) WHERE ts < first + INTERVAL 24 HOUR
"""
REGULAR = f"""
    WITH c AS (SELECT customer, count(DISTINCT month(ts)) AS months FROM e
        WHERE event NOT IN ({NO_ACTIVITY}) AND customer IS NOT NULL AND ts >= '2025-04-01' AND ts < '2025-07-01'
        GROUP BY 1)
    SELECT count(*) FILTER (months = 3) / count(*) FROM c
"""
NEW = """
    WITH f AS (SELECT content, min(ts)::DATE AS first FROM e WHERE content IS NOT NULL GROUP BY 1)
    SELECT count(*) FILTER (ts::DATE - first <= 30) / count(*) FROM june JOIN f USING (content)
    WHERE event IN ('video_view', 'feed_read', 'page_view')
"""


@cache
def board() -> dict[str, Any]:
    result = CliRunner().invoke(program(), ["social", "--sample", "-q", "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0
    return dict(json.loads(result.stdout))


def in_june() -> dict[str, Any]:
    return next(row for row in board()["rows"] if row["period_start"] == "2025-06-01")


def explained(name: str) -> dict[str, Any]:
    settings = sample_session().settings
    return dict(number_of(name, settings.metrics, sample_outcome(), settings).headline.row)


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(EVENTS)
    return connection


def _judged(sql: duckdb.DuckDBPyConnection, query: str) -> float:
    found = sql.execute(query).fetchone()
    assert found is not None
    return float(found[0])


def test_the_board_has_all_that_is_judged_here_and_referrals() -> None:
    assert set(board()["parameters"]["metrics"]) == {*CASES, "content_velocity", "referred_customers"}


@pytest.mark.parametrize("name", CASES)
def test_a_number_of_the_board_is_that_of_plain_sql(name: str, sql: duckdb.DuckDBPyConnection) -> None:
    assert in_june()[name] == pytest.approx(_judged(sql, f"SELECT ({CASES[name]})::DOUBLE"), rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_a_number_of_the_board_is_the_one_explained(name: str) -> None:
    row = explained(name)
    assert row["period_start"] == "2025-06-01"
    assert in_june()[name] == row["value"]


@pytest.mark.parametrize(
    ("name", "query", "month"),
    [
        ("content_velocity", VELOCITY, "2025-05-01"),  # contents of June are not all 7 days old
        ("regular_customers", REGULAR, "2025-06-01"),
        ("new_content_share", NEW, "2025-06-01"),
    ],
)
def test_what_is_said_of_contents_and_regular_customers_is_that_of_plain_sql(
    name: str, query: str, month: str, sql: duckdb.DuckDBPyConnection
) -> None:
    row = explained(name)
    assert row["period_start"] == month
    assert row["value"] == pytest.approx(_judged(sql, query), rel=1e-9)


def test_every_rate_names_what_it_is_divided_by() -> None:
    metrics = sample_session().settings.metrics
    for name, below in {"": "followers", "_of_reach": "reach", "_of_impressions": "impressions"}.items():
        entry = metrics[f"social_engagement_rate{name}"]
        assert below in str(entry.label)
        assert f"÷ {'daily ' if below == 'reach' else ''}{below}" in str(entry.description)


def test_by_account_the_board_has_what_is_of_the_audience_alone() -> None:
    words = ["social", "--sample", "-q", "--by", "account", "--format", "json"]
    result = CliRunner().invoke(program(), words, catch_exceptions=False)
    rows = {row["account"]: row for row in json.loads(result.stdout)["rows"] if row["period_start"] == "2025-06-01"}
    assert rows.keys() == {None, "linkedin", "youtube"}
    for name in ("followers", "followers_gained", "reach", "brand_mentions"):
        assert rows["linkedin"][name] + rows["youtube"][name] == rows[None][name] == in_june()[name]
    assert "shares" not in rows[None]
