"""Numbers of the catalogue on the sample against SQL over the raw files, written from the definitions in words."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest
from support.catalogue import sample_outcome, sample_session

from engagement_cli.commands.explained_number import number_of
from engagement_cli.samples.shipped import shipped_sample

SAMPLE = shipped_sample()["events"].parent
ACTIVE_NOT = (
    "'email_delivered', 'email_opened', 'email_unsubscribed', 'ad_impression', 'ticket_opened', 'ticket_replied', "
    "'ticket_resolved', 'refund', 'cancel_page'"
)
SYSTEM = "'email_delivered', 'email_opened', 'ad_impression', 'ticket_replied', 'ticket_resolved', 'refund'"
FROM, TO = "TIMESTAMP '2025-06-01'", "TIMESTAMP '2025-07-01'"
JUNE = f"ts >= {FROM} AND ts < {TO}"
BY_CUSTOMER = "customer IS NOT NULL"


@pytest.fixture(scope="module")
def sql() -> duckdb.DuckDBPyConnection:
    """`e`: events whose time can be read, each event id once a customer, aliases resolved; `a`: the active ones.

    `v`: those that sessions are made of, all but what is sent or shown to customers or done by support.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"""
        CREATE TABLE e AS
        SELECT coalesce(i.user_id, r.user_id) AS customer, r.event_name AS event, r.order_id, r.feature,
               try_cast(r.occurred_at AS TIMESTAMPTZ)::TIMESTAMP AS ts,
               r.value::DOUBLE AS value, r.sentiment::DOUBLE AS sentiment
        FROM read_csv('{_path("events")}', all_varchar = true) r
        LEFT JOIN read_csv('{_path("identities")}', all_varchar = true) i ON i.alias = r.user_id
        WHERE try_cast(r.occurred_at AS TIMESTAMPTZ) IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY customer, r.event_id) = 1;
        CREATE TABLE a AS SELECT * FROM e WHERE event NOT IN ({ACTIVE_NOT}) AND {BY_CUSTOMER};
        CREATE TABLE v AS SELECT * FROM e WHERE event NOT IN ({SYSTEM}) AND {BY_CUSTOMER};
        CREATE TABLE s AS SELECT * FROM read_csv('{_path("surveys")}', types = {{'user_id': 'VARCHAR'}});
        CREATE TABLE u AS
        SELECT user_id AS customer, greatest(started_at, coalesce(trial_ends_at, started_at))::TIMESTAMP AS started,
               coalesce(ended_at::TIMESTAMP, TIMESTAMP '2999-01-01') AS ended, mrr
        FROM read_csv('{_path("subscriptions")}', types = {{'user_id': 'VARCHAR'}});
        """
    )
    return connection


def _path(source: str) -> Path:
    return SAMPLE / f"{source}.csv"


def _share(numerator: str, denominator: str) -> str:
    return f"SELECT ({numerator})::DOUBLE / ({denominator})"


def _subscribed(instant: str) -> str:
    return f"SELECT DISTINCT customer FROM u WHERE started <= {instant} AND {instant} < ended"


def _customers(where: str, table: str = "e") -> str:
    return f"SELECT count(DISTINCT customer) FROM {table} WHERE {where} AND {JUNE}"


def _rows(where: str, table: str = "e") -> str:
    return f"SELECT count(*) FROM {table} WHERE {where} AND {JUNE}"


_SESSIONS = """
    SELECT customer, ts, coalesce(ts - lag(ts) OVER w > INTERVAL 30 MINUTE, true) AS opens FROM v
    WINDOW w AS (PARTITION BY customer ORDER BY ts)
"""
_LENGTHS = f"""
    SELECT customer, number, min(ts) AS ts, epoch(max(ts) - min(ts)) AS seconds
    FROM (SELECT *, sum(opens::INT) OVER (PARTITION BY customer ORDER BY ts ROWS UNBOUNDED PRECEDING) AS number
          FROM ({_SESSIONS}))
    GROUP BY ALL
"""
_LATEST = f"""
    SELECT score FROM s WHERE survey = '{{kind}}' AND answered_at >= {FROM} AND answered_at < {TO}
    QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY answered_at DESC) = 1
"""
_FIRST = "SELECT customer, min(ts) AS ts FROM e WHERE event = 'signup' AND customer IS NOT NULL GROUP BY customer"
_FIRST_BUY = _FIRST.replace("signup", "purchase")
MAY = "ts >= TIMESTAMP '2025-05-01' AND ts < TIMESTAMP '2025-06-01'"
MARCH = "ts >= TIMESTAMP '2025-03-01' AND ts < TIMESTAMP '2025-04-01'"


def _followed(entry: str, month: str, follow: str, days: int, more: str = "true") -> str:
    """Of the customers with an `entry` in a month, the share with a `follow` at most so many days after one of them."""
    return f"""
        SELECT avg(reached::INT) FROM (
            SELECT s.customer, bool_or(exists(
                SELECT 1 FROM e g WHERE g.customer = s.customer AND g.event = '{follow}'
                AND g.ts >= s.ts AND g.ts <= s.ts + INTERVAL {days} DAY AND {more}
            )) AS reached
            FROM e s WHERE s.event = '{entry}' AND s.customer IS NOT NULL AND {month.replace("ts ", "s.ts ")}
            GROUP BY s.customer
        )
    """


def _retained(unit: str, periods: int, oldest: str, newest: str, first: str = _FIRST) -> str:
    """Of the first sign-ups in cohorts from `oldest` to `newest`, the share active `periods` units later."""
    return f"""
        SELECT avg(exists(
            SELECT 1 FROM a WHERE a.customer = f.customer AND a.ts >= f.ts
            AND date_trunc('{unit}', a.ts) = date_trunc('{unit}', f.ts) + INTERVAL {periods} {unit}
        )::INT) FROM ({first}) f
        WHERE date_trunc('{unit}', f.ts) BETWEEN TIMESTAMP '{oldest}' AND TIMESTAMP '{newest}'
    """


_CHECKOUT = f"""
    SELECT count(DISTINCT c.customer) / (SELECT count(DISTINCT customer) FROM e WHERE event = 'add_to_cart' AND {MAY})
    FROM e c JOIN e k USING (customer) JOIN e p USING (customer)
    WHERE c.event = 'add_to_cart' AND k.event = 'checkout_started' AND p.event = 'purchase'
    AND {MAY.replace("ts ", "c.ts ")} AND k.ts >= c.ts AND p.ts >= k.ts AND p.ts <= c.ts + INTERVAL 14 DAY
"""

CASES = {
    "monthly_active_customers": _customers("true", "a"),
    "weekly_active_customers": "SELECT count(DISTINCT customer) FROM a WHERE ts >= '2025-06-23' AND ts < '2025-06-30'",
    "daily_active_customers": "SELECT count(DISTINCT customer) FROM a WHERE ts >= '2025-06-30' AND ts < '2025-07-01'",
    "active_customers_28d": "SELECT count(DISTINCT customer) FROM a WHERE ts >= '2025-06-03' AND ts < '2025-07-01'",
    "stickiness": """
        SELECT count(DISTINCT (customer, ts::DATE)) / (28.0 * count(DISTINCT customer)) FROM a
        WHERE ts >= '2025-06-03' AND ts < '2025-07-01'
    """,
    "visitors": _customers("event = 'page_view'"),
    "page_views_per_visitor": _share(
        _rows(f"event = 'page_view' AND {BY_CUSTOMER}"), _customers("event = 'page_view'")
    ),
    "sessions": f"SELECT count(*) FROM ({_LENGTHS}) WHERE {JUNE}",
    "visit_frequency": f"SELECT count(*) / count(DISTINCT customer) FROM ({_LENGTHS}) WHERE {JUNE}",
    "session_duration": f"SELECT avg(seconds) FROM ({_LENGTHS}) WHERE {JUNE}",
    "time_per_customer": f"SELECT sum(seconds) / count(DISTINCT customer) FROM ({_LENGTHS}) WHERE {JUNE}",
    "new_customers": f"SELECT count(*) FROM (SELECT min(ts) AS ts FROM a GROUP BY customer) WHERE {JUNE}",
    "returning_customers": f"""
        SELECT count(DISTINCT customer) FROM a WHERE {JUNE}
        AND customer IN (SELECT customer FROM a WHERE ts >= '2025-05-01' AND ts < {FROM})
    """,
    "dormant_customers": f"""
        SELECT count(DISTINCT customer) FROM a WHERE ts >= '2025-05-01' AND ts < {FROM}
        AND customer NOT IN (SELECT customer FROM a WHERE {JUNE})
    """,
    "day_1_retention": _retained("day", 1, "2025-06-03", "2025-06-29"),
    "week_4_retention": _retained("week", 4, "2025-01-06", "2025-05-26"),
    "inactivity": f"""
        SELECT avg((NOT exists(SELECT 1 FROM a WHERE a.customer = m.customer AND a.ts >= {FROM} AND a.ts < {TO}))::INT)
        FROM (SELECT DISTINCT customer FROM a WHERE ts >= '2025-05-01' AND ts < {FROM}) m
    """,
    "activation": f"""
        SELECT avg(exists(SELECT 1 FROM e g WHERE g.customer = f.customer AND g.event = 'feature_used'
                          AND g.ts >= f.ts AND g.ts <= f.ts + INTERVAL 14 DAY)::INT)
        FROM ({_FIRST}) f WHERE {MAY}
    """,
    "checkout": _CHECKOUT,
    "cart_abandonment": f"SELECT 1 - ({_followed('add_to_cart', MAY, 'purchase', 14)})",
    "checkout_abandonment": f"SELECT 1 - ({_CHECKOUT}) / ({_followed('add_to_cart', MAY, 'checkout_started', 14)})",
    "repeat_purchase_90d": _followed("purchase", MARCH, "purchase", 90, "g.order_id <> s.order_id"),
    "support_after_purchase": _followed("purchase", MAY, "ticket_opened", 30),
    "buyer_day_7_retention": _retained("day", 7, "2025-05-28", "2025-06-23", _FIRST_BUY),
    "buyer_week_4_retention": _retained("week", 4, "2025-01-06", "2025-05-26", _FIRST_BUY),
    "buyer_month_3_retention": _retained("month", 3, "2024-08-01", "2025-03-01", _FIRST_BUY),
    "email_open_rate": _share(_rows("event = 'email_opened'"), _rows("event = 'email_delivered'")),
    "ad_click_through_rate": _share(_rows("event = 'ad_clicked'"), _rows("event = 'ad_impression'")),
    "participation_rate": _share(
        _customers(
            "event IN ('comment', 'rating', 'review', 'vote', 'post', 'photo_upload', 'video_upload', 'blog_post')"
        ),
        _customers("true", "a"),
    ),
    "average_rating": f"SELECT avg(value) FROM e WHERE event = 'rating' AND {JUNE}",
    "features_per_user": _share(
        f"SELECT count(DISTINCT (customer, feature)) FROM e WHERE event = 'feature_used' AND {BY_CUSTOMER} AND {JUNE}",
        _customers("event = 'feature_used'"),
    ),
    "sentiment": f"SELECT avg(sentiment) FROM e WHERE event IN ('comment', 'post', 'review') AND {JUNE}",
    "brand_mentions": f"""
        SELECT sum(mentions) FROM read_csv('{_path("audience")}') WHERE date >= '2025-06-01' AND date < '2025-07-01'
    """,
    "contact_rate": _share(_rows(f"event = 'ticket_opened' AND {BY_CUSTOMER}"), _customers("true", "a")),
    "referred_customers": f"SELECT count(referred_by) / count(*) FROM read_csv('{_path('customers')}')",
    "nps": f"""
        SELECT 100.0 * (count(*) FILTER (score >= 9) - count(*) FILTER (score <= 6)) / count(*)
        FROM ({_LATEST.format(kind="nps")})
    """,
    "csat": f"SELECT avg((score >= 4)::INT) FROM ({_LATEST.format(kind='csat')})",
    "buyers": _customers("event = 'purchase'"),
    "revenue_gross": f"SELECT sum(value) FROM e WHERE event = 'purchase' AND {JUNE}",
    "revenue_net": f"""
        SELECT sum(value * CASE event WHEN 'purchase' THEN 1 ELSE -1 END) FROM e
        WHERE event IN ('purchase', 'refund') AND {JUNE}
    """,
    "average_order_value": f"SELECT sum(value) / count(DISTINCT order_id) FROM e WHERE event = 'purchase' AND {JUNE}",
    "visit_to_purchase": _share(_customers("event = 'purchase'"), _customers("event IN ('page_view', 'purchase')")),
    "mrr": f"SELECT sum(mrr) FROM u WHERE started <= {TO} AND {TO} < ended",
    "arpu": f"SELECT sum(mrr) / count(DISTINCT customer) FROM u WHERE started <= {TO} AND {TO} < ended",
    "subscription_churn": _share(
        f"SELECT count(*) FROM ({_subscribed(FROM)} EXCEPT {_subscribed(TO)})",
        f"SELECT count(*) FROM ({_subscribed(FROM)})",
    ),
    "subscriber_growth": _share(
        f"(SELECT count(*) FROM ({_subscribed(TO)})) - (SELECT count(*) FROM ({_subscribed(FROM)}))",
        f"SELECT count(*) FROM ({_subscribed(FROM)})",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_number_in_the_report_is_that_of_plain_sql(name: str, sql: duckdb.DuckDBPyConnection) -> None:
    settings = sample_session().settings
    number = number_of(name, settings.metrics, sample_outcome(), settings)
    found = sql.execute(CASES[name]).fetchone()
    assert found is not None
    assert number.headline.row["value"] == pytest.approx(float(found[0]), rel=1e-9)


def test_the_sample_ends_as_the_queries_suppose() -> None:
    answer = sample_outcome().answer
    assert (answer.as_of, answer.through) == ("2025-07-01", "2025-06-30")


def test_the_rows_used_are_those_of_plain_sql(sql: duckdb.DuckDBPyConnection) -> None:
    waterfall = sample_outcome().answer.waterfalls[0]
    counted = sql.execute("SELECT count(*), count(*) - count(customer) FROM e").fetchone()
    assert (waterfall.used, waterfall.without_customer) == counted
    assert isinstance(sample_outcome().merged.customer_rows, pl.DataFrame)
