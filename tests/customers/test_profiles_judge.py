"""The customer table against SQL written from what its columns say, on random exports of every kind."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from support.profiles import configured, profiles_of
from support.random_data import PLACES
from support.random_tables import INSTANT, load, random_subscriptions, random_surveys, shuffled

from engagement_cli.customers.table import all_columns
from engagement_cli.engines.plan import Limits
from engagement_cli.timeline.bucket import HASH

DAYS = 40
WEIGHTS: dict[str, Any] = {
    "view": {"weight": 0.5, "cap": 6, "dimensions": ["involvement"]},
    "tag": {"weight": 1, "dimensions": ["interaction"], "degree": "low"},
    "post": {"weight": 3, "cap": 2, "dimensions": ["interaction"], "degree": "high"},
    "share": {"weight": 4, "cap": 3, "dimensions": ["influence", "interaction"]},
    "refund": {"weight": -2},
    "ticket_opened": {"weight": 0},
    "ticket_resolved": {"weight": 0},
    "big": {"where": "event = 'purchase' AND value > 3", "weight": 2, "degree": "very_high"},
}
NAMES = ("view", "view", "tag", "post", "share", "purchase", "purchase", "refund", "feature_used", "export", "brand")
TICKETS = ("ticket_opened", "ticket_opened", "ticket_resolved")
SETTINGS: dict[str, Any] = {
    "events": WEIGHTS,
    "key_features": ["report", "export", "chart"],
    "dimensions": {
        "involvement": {"signals": {"active_days": 1, "sessions": 2, "renewals": 5}},
        "intimacy": {"signals": {"sentiment": 2, "brand": 1}},
        "influence": {"signals": {"nps": 1, "csat": 2, "referrals": 3}},
    },
    "segments": {"quiet": {"where": "active_days = 0 OR marked"}},
    "signals": {"marked": {"where": "raw > previous AND nps > 6", "reason": "up"}},
    "profile": {"rfm": {"best": "recency_score >= 4 AND monetary_score >= 4", "rest": "frequency_score >= 2"}},
}
SCORES: tuple[dict[str, Any], ...] = (
    {"window": "7d", "default_weight": 0.25},
    {"window": "10d", "scale": "max"},
    {"window": "14d", "scale": "none", "default_weight": 1, "bands": {"minus": -100, "some": 0.5, "much": 6}},
)

PRELUDE = """
CREATE MACRO local_day(t) AS CAST(timezone('{zone}', timezone('UTC', t)) AS DATE);
CREATE MACRO days_to_end(t) AS (epoch_us(TIMESTAMP '{end}') - epoch_us(t)) / 86400e6;
CREATE TABLE known AS SELECT customer, min(since) AS since FROM (
    SELECT customer, timestamp AS since FROM events UNION ALL
    SELECT customer, coalesce(timestamp, TIMESTAMP '1900-01-01') FROM surveys UNION ALL
    SELECT customer, started FROM subs UNION ALL SELECT customer, TIMESTAMP '1900-01-01' FROM customers)
    WHERE customer IS NOT NULL GROUP BY 1 HAVING min(since) < TIMESTAMP '{end}';
CREATE TABLE ev AS SELECT *, local_day(timestamp) AS day, row_number() OVER () AS n,
    event IN ('view', 'tag', 'post', 'share') OR (event = 'purchase' AND coalesce(value, 0) > 3)
        OR ({other} > 0 AND event IN ('feature_used', 'export', 'brand'))
        OR ({other} > 0 AND event = 'purchase') AS active
    FROM events WHERE customer IS NOT NULL AND timestamp < TIMESTAMP '{end}';
CREATE TABLE windows(w, begins, ends) AS VALUES
    ('now', TIMESTAMP '{begin}', TIMESTAMP '{end}'), ('before', TIMESTAMP '{earlier}', TIMESTAMP '{begin}');
CREATE TABLE entries AS SELECT w, customer, entry, count(*) AS times FROM (
    SELECT customer, timestamp, event AS entry FROM ev
    WHERE event IN ('view', 'tag', 'post', 'share', 'refund', 'brand')
    UNION ALL SELECT customer, timestamp, 'big' FROM ev WHERE event = 'purchase' AND value > 3
    UNION ALL SELECT customer, timestamp, 'other' FROM ev WHERE event IN ('feature_used', 'export', 'brand')
        OR (event = 'purchase' AND NOT coalesce(value > 3, false)))
    JOIN windows ON timestamp >= begins AND timestamp < ends GROUP BY ALL;
CREATE TABLE worth AS SELECT w, customer, entry, weight * least(times, cap) AS points FROM entries JOIN (VALUES
    ('view', 0.5, 6), ('tag', 1, 1000), ('post', 3, 2), ('share', 4, 3), ('refund', -2, 1000), ('big', 2, 1000),
    ('other', {other}, 100000)) AS weights(entry, weight, cap) USING (entry);
CREATE TABLE raws AS SELECT w, customer, coalesce(sum(points), 0) AS raw
    FROM known CROSS JOIN windows LEFT JOIN worth USING (w, customer) WHERE since < ends GROUP BY ALL;
CREATE TABLE sessions AS SELECT customer, timestamp AS opened FROM (
    SELECT *, lag(timestamp) OVER (PARTITION BY customer ORDER BY timestamp, n) AS previous FROM ev)
    WHERE previous IS NULL OR timestamp - previous > INTERVAL 30 MINUTE;
CREATE TABLE spans AS SELECT customer, greatest(started, trial_ends) AS begins,
    coalesce(ended, TIMESTAMP '2200-01-01') AS ends, mrr FROM subs
    WHERE customer IS NOT NULL AND greatest(started, trial_ends) < coalesce(ended, TIMESTAMP '2200-01-01');
CREATE TABLE terms AS SELECT customer, due FROM (
    SELECT customer, coalesce(ended, TIMESTAMP '2200-01-01') AS ended, timezone('UTC', timezone('{zone}',
        timezone('{zone}', timezone('UTC', greatest(started, trial_ends))) + CASE lower(billing)
            WHEN 'month' THEN to_months(k) WHEN 'yearly' THEN to_years(k) WHEN 'weekly' THEN to_weeks(k)
            WHEN 'quarter' THEN to_months(3 * k) END)) AS due
    FROM subs, range(1, 60) AS steps(k)
    WHERE customer IS NOT NULL AND lower(billing) IN ('month', 'yearly', 'weekly', 'quarter')) WHERE due <= ended;
CREATE TABLE renewed AS SELECT w, customer, count(*) AS renewals FROM terms t
    JOIN windows ON due >= windows.begins AND due < windows.ends
    WHERE EXISTS (FROM spans s WHERE s.customer = t.customer AND s.begins <= due AND due < s.ends) GROUP BY ALL;
CREATE TABLE answers AS SELECT lower(trim(coalesce(survey, kind))) AS kind, customer, timestamp, score
    FROM surveys, (VALUES ('nps'), ('csat')) AS kinds(kind)
    WHERE customer IS NOT NULL AND timestamp < TIMESTAMP '{end}' AND lower(trim(coalesce(survey, kind))) = kind
    AND CASE kind WHEN 'nps' THEN score BETWEEN 0 AND 10 AND score = floor(score) ELSE score BETWEEN 1 AND 5 END;
CREATE TABLE latest AS SELECT w, kind, customer, max_by(score, (timestamp, score)) AS score, max(timestamp) AS at
    FROM answers JOIN windows ON timestamp < ends GROUP BY ALL;
CREATE TABLE money AS SELECT w, customer,
    coalesce((SELECT sum(CASE event WHEN 'purchase' THEN value ELSE -abs(value) END) FROM ev
        WHERE ev.customer = k.customer AND event IN ('purchase', 'refund') AND timestamp < ends), 0) AS revenue,
    coalesce((SELECT sum(round_even(mrr * 1e6 * (epoch_us(least(s.ends, v.ends)) - epoch_us(s.begins)) / 86400e6
        / (365.2425 / 12), 0) / 1e6) FROM spans s WHERE s.customer = k.customer AND s.begins < v.ends), 0) AS recurring
    FROM known k CROSS JOIN windows v;
CREATE TABLE referred AS SELECT referred_by AS customer, count(*) AS referrals, sum(revenue + recurring) AS brought
    FROM (SELECT customer, min(referred_by) AS referred_by FROM customers GROUP BY 1)
    JOIN money USING (customer) WHERE w = 'now' AND referred_by IS NOT NULL GROUP BY 1;
"""

QUERIES = (
    # When they came
    """SELECT customer, local_day(min(timestamp)) AS first_seen, local_day(max(timestamp)) AS last_seen,
        days_to_end(max(timestamp)) AS days_silent, days_to_end(min(timestamp)) AS tenure_days
        FROM known LEFT JOIN (FROM ev WHERE active) USING (customer) GROUP BY 1""",
    """SELECT customer, median(gap) AS usual_gap_days FROM known LEFT JOIN (
        SELECT customer, day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap
        FROM (SELECT DISTINCT customer, day FROM ev WHERE active)) USING (customer) GROUP BY 1""",
    """SELECT customer, count(DISTINCT day) FILTER (w = 'now') AS active_days,
        count(DISTINCT day) FILTER (w = 'before') AS active_days_before, count(day) FILTER (w = 'now') AS active_events,
        count(day) FILTER (w = 'now') > 0 AS active
        FROM known LEFT JOIN (FROM ev JOIN windows ON timestamp >= begins AND timestamp < ends WHERE active)
        USING (customer) GROUP BY 1""",
    """SELECT customer, count(opened) FILTER (w = 'now') AS sessions, count(opened) FILTER (w = 'before')
        AS sessions_before FROM known LEFT JOIN (FROM sessions JOIN windows ON opened >= begins AND opened < ends)
        USING (customer) GROUP BY 1""",
    # Score
    """SELECT customer, now.raw, before.raw AS previous, now.raw - before.raw AS change,
        CASE WHEN before.raw > 0 THEN (now.raw - before.raw) / before.raw END AS relative_change,
        CASE WHEN before.raw IS NULL THEN NULL WHEN 10 * (now.raw - before.raw) > abs(before.raw) THEN 'up'
             WHEN 10 * (before.raw - now.raw) > abs(before.raw) THEN 'down' ELSE 'steady' END AS trend
        FROM (FROM raws WHERE w = 'now') AS now LEFT JOIN (FROM raws WHERE w = 'before') AS before USING (customer)""",
    # Ladder
    """WITH rungs AS (SELECT w, customer, coalesce(max(rung), 0) AS rung FROM known CROSS JOIN windows LEFT JOIN (
            SELECT w, customer, CASE entry WHEN 'tag' THEN 1 WHEN 'post' THEN 3 WHEN 'big' THEN 4 END AS rung
            FROM entries WHERE entry IN ('tag', 'post', 'big')) USING (w, customer)
        WHERE since < ends GROUP BY ALL)
        SELECT customer, names[now.rung + 1] AS rung, names[before.rung + 1] AS rung_before,
        CASE WHEN now.rung > before.rung THEN 'up' WHEN now.rung < before.rung THEN 'down'
             WHEN now.rung = before.rung THEN 'same' END AS rung_move
        FROM (FROM rungs WHERE w = 'now') AS now LEFT JOIN (FROM rungs WHERE w = 'before') AS before USING (customer),
        (SELECT ['none', 'low', 'medium', 'high', 'very_high'] AS names)""",
    # Buying
    """SELECT customer, count(DISTINCT "order") AS orders, count(DISTINCT day) AS purchase_days,
        min(day) AS first_purchase, max(day) AS last_purchase, days_to_end(max(timestamp)) AS days_since_purchase,
        coalesce(sum(value), 0) / nullif(count(DISTINCT "order"), 0) AS average_order_value
        FROM known LEFT JOIN (FROM ev WHERE event = 'purchase') USING (customer) GROUP BY 1""",
    """SELECT customer, revenue, recurring AS recurring_revenue, revenue + recurring AS value
        FROM money WHERE w = 'now'""",
    "SELECT customer, revenue + recurring AS value_before FROM money WHERE w = 'before'",
    """SELECT customer, revenue + recurring - coalesce(cost, 0) AS net_value, cost AS acquisition_cost FROM money
        LEFT JOIN (SELECT customer, min(acquisition_cost) AS cost FROM customers GROUP BY 1) USING (customer)
        WHERE w = 'now'""",
    """WITH buyers AS (SELECT customer, max(timestamp) AS r, count(DISTINCT "order") AS f, max(revenue) AS m
            FROM ev JOIN money USING (customer) WHERE event = 'purchase' AND w = 'now' GROUP BY 1),
        ranked AS (SELECT a.customer,
            least(5 * (count(*) FILTER (b.r < a.r) + count(*) FILTER (b.r <= a.r)) // (2 * count(*)) + 1, 5) AS r,
            least(5 * (count(*) FILTER (b.f < a.f) + count(*) FILTER (b.f <= a.f)) // (2 * count(*)) + 1, 5) AS f,
            least(5 * (count(*) FILTER (b.m < a.m - 1e-9) + count(*) FILTER (b.m <= a.m + 1e-9)) // (2 * count(*)) + 1,
                  5) AS m FROM buyers a CROSS JOIN buyers b GROUP BY 1)
        SELECT customer, r AS recency_score, f AS frequency_score, m AS monetary_score,
        CASE WHEN r >= 4 AND m >= 4 THEN 'best' WHEN f >= 2 THEN 'rest' END AS rfm_segment
        FROM known LEFT JOIN ranked USING (customer)""",
    # Subscriptions
    """SELECT customer, count(begins) > 0 AS paying, coalesce(sum(mrr), 0) AS mrr FROM known LEFT JOIN (
        FROM spans WHERE begins <= TIMESTAMP '{end}' AND TIMESTAMP '{end}' < ends) USING (customer) GROUP BY 1""",
    """WITH running AS (FROM subs WHERE started <= TIMESTAMP '{end}' AND (ended IS NULL OR ended > TIMESTAMP '{end}'))
        SELECT k.customer, (SELECT plan FROM running r WHERE r.customer = k.customer
            ORDER BY started DESC, coalesce(ended, TIMESTAMP '2200-01-01') DESC, plan DESC NULLS LAST LIMIT 1) AS plan,
        EXISTS (FROM running r WHERE r.customer = k.customer) AND NOT EXISTS (FROM spans s
            WHERE s.customer = k.customer AND begins <= TIMESTAMP '{end}' AND TIMESTAMP '{end}' < ends) AS in_trial,
        NOT EXISTS (FROM running r WHERE r.customer = k.customer)
            AND EXISTS (FROM spans s WHERE s.customer = k.customer AND begins < TIMESTAMP '{end}') AS former_subscriber,
        (SELECT days_to_end(min(started)) FROM subs s WHERE s.customer = k.customer AND started <= TIMESTAMP '{end}')
            AS subscribed_days FROM known k""",
    """SELECT customer, coalesce(renewals, 0) AS renewals
        FROM known LEFT JOIN (FROM renewed WHERE w = 'now') USING (customer)""",
    # Referrals and feedback
    """SELECT customer, coalesce(referrals, 0) AS referrals, coalesce(brought, 0) AS referred_value
        FROM known LEFT JOIN referred USING (customer)""",
    """SELECT customer, n.score AS nps, days_to_end(n.at) AS nps_days, c.score AS csat, days_to_end(c.at) AS csat_days,
        CASE WHEN n.score >= 9 THEN 'promoter' WHEN n.score >= 7 THEN 'passive' WHEN n.score >= 0 THEN 'detractor' END
        AS nps_group, CASE WHEN n.score >= 9 THEN 'advocate' WHEN n.score < 7 THEN 'detractor' ELSE 'neither' END
        AS advocacy FROM known LEFT JOIN (FROM latest WHERE w = 'now' AND kind = 'nps') AS n USING (customer)
        LEFT JOIN (FROM latest WHERE w = 'now' AND kind = 'csat') AS c USING (customer)""",
    # Support
    """WITH counted AS (SELECT customer, count(event) AS tickets FROM known LEFT JOIN (FROM ev
            WHERE event = 'ticket_opened' AND timestamp >= TIMESTAMP '{end}' - INTERVAL 90 DAY)
            USING (customer) GROUP BY 1)
        SELECT a.customer, any_value(a.tickets) AS tickets, 50e0 * (count(*) FILTER (b.tickets < a.tickets)
            + count(*) FILTER (b.tickets <= a.tickets)) / count(*) AS tickets_percentile
        FROM counted a CROSS JOIN counted b GROUP BY 1""",
    """WITH opened AS (SELECT customer, ticket_id, min(timestamp) AS opened FROM ev
            WHERE event = 'ticket_opened' AND ticket_id IS NOT NULL GROUP BY ALL),
        each AS (SELECT *, EXISTS (FROM ev WHERE ev.customer = o.customer AND ev.ticket_id = o.ticket_id
            AND event = 'ticket_resolved' AND timestamp >= opened) AS done FROM opened o)
        SELECT customer, count(*) FILTER (done) AS tickets_resolved, count(*) FILTER (NOT done) AS tickets_open,
        count(*) FILTER (NOT done AND TIMESTAMP '{end}' - opened > INTERVAL 72 HOUR) AS tickets_overdue
        FROM known LEFT JOIN each USING (customer) GROUP BY 1""",
    # Features
    """WITH uses AS (SELECT *, event = 'feature_used' AS used, CASE WHEN event = 'export' THEN 'export'
            WHEN event = 'feature_used' AND feature IN ('report', 'export', 'chart') THEN feature END AS key FROM ev)
        SELECT customer, count(*) FILTER (used AND timestamp >= TIMESTAMP '{end}' - INTERVAL 7 DAY) AS feature_uses_7d,
        count(DISTINCT feature) FILTER (used) AS features_used, count(DISTINCT key) AS key_features_used,
        count(key) FILTER (timestamp >= TIMESTAMP '{end}' - INTERVAL 7 DAY) AS key_features_7d,
        CASE WHEN count(*) FILTER (used) > 0 OR count(key) > 0 THEN count(DISTINCT key) / 3 END AS key_features_share
        FROM known LEFT JOIN uses USING (customer) GROUP BY 1""",
    # Preferences
    *(
        f"""SELECT customer, (SELECT what FROM (SELECT {what} AS what, count(*) AS times FROM ev
            WHERE ev.customer = k.customer AND active AND {what} IS NOT NULL GROUP BY 1)
            ORDER BY times DESC, what LIMIT 1) AS {column} FROM known k"""
        for column, what in {
            "top_category": "category",
            "top_channel": "channel",
            "top_hour": "hour(timezone('{zone}', timezone('UTC', timestamp)))",
        }.items()
    ),
    """SELECT customer, ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][(
        SELECT isodow(day) AS what FROM ev WHERE ev.customer = k.customer AND active GROUP BY 1
        ORDER BY count(*) DESC, what LIMIT 1)] AS top_weekday FROM known k""",
    "SELECT customer, country FROM known LEFT JOIN customers USING (customer)",
)
INDEXES = """
    WITH counted AS (SELECT w, k.customer,
        coalesce((SELECT sum(points) FROM worth p WHERE p.w = v.w AND p.customer = k.customer AND entry = 'view'), 0)
            + (SELECT count(DISTINCT day) FROM ev WHERE ev.customer = k.customer AND active
               AND timestamp >= begins AND timestamp < ends)
            + 2 * (SELECT count(*) FROM sessions s WHERE s.customer = k.customer AND opened >= begins AND opened < ends)
            + 5 * coalesce((SELECT renewals FROM renewed r WHERE r.w = v.w AND r.customer = k.customer), 0)
            AS involvement,
        coalesce((SELECT sum(points) FROM worth p WHERE p.w = v.w AND p.customer = k.customer
            AND entry IN ('tag', 'post', 'share')), 0) AS interaction,
        coalesce((SELECT times FROM entries e WHERE e.w = v.w AND e.customer = k.customer AND entry = 'brand'), 0)
            AS intimacy,
        coalesce((SELECT sum(points) FROM worth p WHERE p.w = v.w AND p.customer = k.customer AND entry = 'share'), 0)
            + 3 * coalesce((SELECT referrals FROM referred r WHERE r.customer = k.customer), 0) AS influence
        FROM known k CROSS JOIN windows v),
    scaled AS (SELECT a.w, a.customer, {scaled} FROM counted a CROSS JOIN counted b WHERE b.w = 'now' GROUP BY 1, 2),
    told AS (SELECT w, customer,
        (SELECT (avg(sentiment) + 1) * 50 FROM ev WHERE ev.customer = s.customer
            AND timestamp >= begins AND timestamp < ends) AS sentiment,
        (SELECT score * 10 FROM latest l WHERE l.w = s.w AND l.customer = s.customer AND kind = 'nps') AS nps,
        (SELECT (score - 1) * 25 FROM latest l WHERE l.w = s.w AND l.customer = s.customer AND kind = 'csat') AS csat
        FROM scaled s JOIN windows USING (w))
    SELECT w, customer, involvement, interaction,
        (coalesce(intimacy, 0) + 2 * coalesce(sentiment, 0))
            / nullif((intimacy IS NOT NULL)::INT + 2 * (sentiment IS NOT NULL)::INT, 0) AS intimacy,
        (coalesce(influence, 0) + coalesce(nps, 0) + 2 * coalesce(csat, 0)) / nullif((influence IS NOT NULL)::INT
            + (nps IS NOT NULL)::INT + 2 * (csat IS NOT NULL)::INT, 0) AS influence
    FROM scaled JOIN told USING (w, customer)
"""
PERCENTILE = """CASE WHEN any_value(a.{0}) <> 0 THEN 50e0 * (count(*) FILTER (b.{0} <> 0 AND b.{0} < a.{0})
    + count(*) FILTER (b.{0} <> 0 AND b.{0} <= a.{0})) / count(*) FILTER (b.{0} <> 0) END AS {0}"""
OF_LARGEST = """CASE WHEN any_value(a.{0}) <> 0 THEN least(100e0 * any_value(a.{0})
    / max(b.{0}) FILTER (b.{0} <> 0), 100) END AS {0}"""


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day: walk back from noon."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    while (at - timedelta(minutes=15)).astimezone(ZoneInfo(zone)).date() == day:
        at -= timedelta(minutes=15)
    return at


def random_events(dice: random.Random, first: date, customers: int) -> pl.DataFrame:
    """Rows on a grid of half hours, so that many are equal, with columns of every kind that the table reads."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    people: list[str | None] = [None, *(f"{n:03}" for n in range(customers))]
    rows = []
    for _ in range(700):
        name = dice.choice(NAMES if dice.random() < 0.85 else TICKETS)
        rows.append(
            {
                "customer": dice.choice(people),
                "event": name,
                "timestamp": start + timedelta(minutes=30 * dice.randrange(DAYS * 48)),
                "value": dice.choice([None, 0.1, 2.5, 10.0]),
                "order": dice.choice([None, "p", "q", "r", "s"]),
                "channel": dice.choice([None, "app", "web"]),
                "category": dice.choice([None, "hats", "shoes", "bags"]),
                "feature": dice.choice([None, "report", "export", "other"]),
                "ticket_id": dice.choice([None, *(f"t{n}" for n in range(30))]),
                "sentiment": dice.choice([None, None, -1.0, 0.25, 0.5]),
            }
        )
    texts = dict.fromkeys(("customer", "event", "order", "channel", "category", "feature", "ticket_id"), pl.String)
    return pl.DataFrame(rows, schema_overrides={**texts, "timestamp": INSTANT})


def random_customers(dice: random.Random, customers: int) -> pl.DataFrame:
    people = [f"{n:03}" for n in range(customers)]
    some = [person for person in people if dice.random() < 0.7]
    return pl.DataFrame(
        [
            {
                "customer": person,
                "country": dice.choice(["FR", None]),
                "referred_by": dice.choice([None, "x", *(p for p in people if p != person)]),
                "acquisition_cost": dice.choice([None, 0.0, 2.5, 10.25]),
            }
            for person in some
        ],
        schema={
            "customer": pl.String,
            "country": pl.String,
            "referred_by": pl.String,
            "acquisition_cost": pl.Float64,
        },
    )


def percentile(value: float, among: list[float]) -> float:
    """The share of values below and half of the equal ones, of 100; equal up to rounding."""
    below = sum(other < value - 1e-9 for other in among)
    upto = sum(other <= value + 1e-9 for other in among)
    return 50.0 * (below + upto) / len(among)


def scaled(value: float, among: list[float], how: str) -> float:
    if how == "none":
        return value
    if how == "max":
        largest = max(among)
        return 0.0 if largest <= 0 else min(max(100 * value / largest, 0.0), 100.0)
    return percentile(value, among)


def band(score: float, bands: dict[str, float]) -> str:
    names = list(bands)
    return names[max([i for i, bound in enumerate(bands.values()) if score >= bound - 1e-9], default=0)]


def quadrant(value: float, values: list[float], influence: float | None) -> str:
    high = percentile(value, values) >= 50 and value > 1e-9
    loud = influence is not None and influence >= 50 - 1e-9
    return f"{'high' if high else 'low'} value, {'high' if loud else 'low'} influence"


def answers(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[dict[str, Any]]:
    found = connection.execute(sql)
    names = [column[0] for column in found.description]
    for row in found.fetchall():
        yield {name: float(v) if isinstance(v, Decimal) else v for name, v in zip(names, row, strict=True)}


def judged(tables: dict[str, pl.DataFrame], said: dict[str, Any], score: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every column of every customer."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in tables.items():
        load(connection, name, table) if INSTANT in table.dtypes else connection.register(name, table.to_arrow())
    connection.execute(PRELUDE.format(**said))
    rows: dict[str, dict[str, Any]] = {}
    for query in QUERIES:
        for row in answers(connection, query.replace("{end}", said["end"]).replace("{zone}", said["zone"])):
            rows.setdefault(row["customer"], {}).update(row)
    how = score.get("scale", "percentile")
    way = OF_LARGEST if how == "max" else PERCENTILE
    names = ("involvement", "interaction", "intimacy", "influence")
    for row in answers(connection, INDEXES.format(scaled=", ".join(way.format(name) for name in names))):
        mine = rows[row["customer"]]
        mine |= {name: row[name] for name in names} if row["w"] == "now" else {"influence_before": row["influence"]}
    bands = score.get("bands", {"low": 0, "medium": 40, "high": 75, "top": 90})
    raws = [row["raw"] for row in rows.values()]
    then = [row["previous"] for row in rows.values() if row["previous"] is not None]
    values, earlier = ([row[name] for row in rows.values()] for name in ("value", "value_before"))
    earlier = [v for v, row in zip(earlier, rows.values(), strict=True) if row["previous"] is not None]
    for row in rows.values():
        row["score"] = scaled(row["raw"], raws, how)
        row["band"] = band(row["score"], bands)
        known = row["previous"] is not None
        row["band_before"] = band(scaled(row["previous"], then, how), bands) if known else None
        row["quadrant"] = now = quadrant(row["value"], values, row["influence"])
        before = quadrant(row["value_before"], earlier, row["influence_before"]) if known else None
        row["quadrant_before"] = before
        row["quadrant_move"] = None if before is None else "same" if before == now else f"{before} → {now}"
        row["marked"] = known and row["raw"] > row["previous"] + 1e-9 and (row["nps"] or 0) > 6
        row["quiet"] = row["active_days"] == 0 or row["marked"]
        row["signals"] = "marked" if row["marked"] else ""
        row["reasons"] = "up" if row["marked"] else ""
        row["referred_by"] = None
    return rows


@pytest.mark.parametrize("seed", range(8))
def test_every_column_agrees_with_sql(seed: int) -> None:
    dice = random.Random(seed)
    zone, first = PLACES[seed % len(PLACES)]
    customers = 1 if seed == 6 else 14
    events = random_events(dice, first, customers)
    surveys = random_surveys(dice, first, rows=60, customers=customers + 2, days=DAYS)
    subs = random_subscriptions(dice, first - timedelta(days=120), customers=customers)
    people = random_customers(dice, customers)
    score = SCORES[seed % len(SCORES)]
    as_of = first + timedelta(days=DAYS - 5)
    settings = configured({**SETTINGS, "timezone": zone, "score": score})
    given: dict[str, Any] = {"settings": settings, "asked": {"as_of": as_of.isoformat()}}
    exports = {"events": events, "surveys": surveys, "subscriptions": subs, "customers": people}
    found = profiles_of(**given, limits=Limits(buckets=1), **exports)
    mixed = {name: shuffled(table, dice) for name, table in exports.items()}
    assert profiles_of(**given, limits=Limits(buckets=7), **mixed).table.equals(found.table)

    length = timedelta(days=int(score["window"][:-1]))
    moments = {"end": as_of, "begin": as_of - length, "earlier": as_of - 2 * length}
    said = {name: midnight(day, zone).strftime("%Y-%m-%d %H:%M:%S") for name, day in moments.items()}
    said |= {"zone": zone, "other": score.get("default_weight", 0)}
    wanted = judged({"events": events, "surveys": surveys, "subs": subs, "customers": people}, said, score)
    assert set(found.rows) == set(wanted)
    columns = set(all_columns(settings, {}))
    for customer, row in found.rows.items():
        expected = wanted[customer] | {"referred_by": row.get("referred_by")}
        assert columns <= expected.keys()
        shown = {name: value for name, value in row.items() if name in expected}
        assert shown == {name: _near(expected[name]) for name in shown}, customer
        assert set(row) - set(expected) <= {HASH, *(name for name in row if name.startswith("contribution_"))}


def _near(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return pytest.approx(value, rel=1e-7, abs=2e-6)
    return value
