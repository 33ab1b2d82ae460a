"""The engagement score against SQL written from its definition, on random events, answers and subscriptions."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from support.measuring import measured
from support.random_data import random_export, thousand_names
from support.random_tables import countries, load, random_subscriptions, random_surveys, shuffled

from engagement_cli.engines.plan import Limits

WEIGHTS: dict[str, Any] = {
    "a": {"weight": 1.5, "cap": 3},
    "b": {"weight": -2},
    "dear": {"where": "value > 1 AND event <> 'x'", "weight": 0.333333, "cap": 5},
    "absent": {"weight": 7},
}
SCORES: tuple[dict[str, Any], ...] = (
    {"window": "7d"},
    {"window": "9d", "half_life": "36h", "default_weight": 0.25, "scale": "max"},
    {"window": "7d", "count": "days", "half_life": "3d", "scale": "none", "bands": {"minus": -100, "plus": 0.5}},
    {"window": "5d", "count": "days", "reference": "day 9"},
)
HOURS = {"36h": 36, "3d": 72}
# Each configured entry takes its rows of the window; within the cap the latest count, each with its weight at its age.
RAW = """
    WITH entries AS (
        SELECT customer, timestamp, 'a' AS entry FROM events WHERE event = 'a'
        UNION ALL SELECT customer, timestamp, 'b' FROM events WHERE event = 'b'
        UNION ALL SELECT customer, timestamp, 'dear' FROM events WHERE value > 1 AND event <> 'x'
        UNION ALL SELECT customer, timestamp, 'other' FROM events
        WHERE event NOT IN ('a', 'b') AND NOT coalesce(value > 1 AND event <> 'x', false)),
    weights(entry, weight, cap) AS (VALUES ('a', 1.5, 3), ('b', -2.0, 1000000), ('dear', 0.333333, 5),
                                           ('other', {other}, 1000000)),
    windows AS (SELECT * FROM ends),
    counted AS (
        SELECT w.i, w.ends, customer, entry, {instant} AS moment
        FROM entries JOIN windows w ON timestamp >= w.begins AND timestamp < w.ends
        WHERE customer IS NOT NULL {per_day}),
    ranked AS (SELECT *, row_number() OVER (PARTITION BY i, customer, entry ORDER BY moment DESC) AS turn FROM counted),
    raw AS (
        SELECT i, customer, sum(CAST(round_even(weight * 1e6 * {decay}, 0) AS BIGINT)) AS raw
        FROM ranked JOIN weights USING (entry) WHERE turn <= cap GROUP BY ALL),
    known AS (
        SELECT customer, min(since) AS since FROM (
            SELECT customer, timestamp AS since FROM events UNION ALL SELECT customer, timestamp FROM later
            UNION ALL SELECT customer, timestamp FROM surveys UNION ALL SELECT customer, started FROM subs
            UNION ALL SELECT customer, TIMESTAMP '1900-01-01' FROM customers)
        WHERE customer IS NOT NULL GROUP BY ALL),
    people AS (
        SELECT w.i, k.customer, coalesce(raw.raw, 0) AS raw, coalesce(country, '(none)') AS country
        FROM known k JOIN windows w ON since < w.ends
        LEFT JOIN raw ON raw.i = w.i AND raw.customer = k.customer
        LEFT JOIN customers c ON c.customer = k.customer),
    scored AS (
        SELECT p.*, (SELECT 50.0 * (count(*) FILTER (q.raw < p.raw) + count(*) FILTER (q.raw <= p.raw)) / count(*)
                     FROM people q WHERE q.i = {against}) AS percentile,
               100.0 * p.raw / (SELECT max(q.raw) FROM people q WHERE q.i = {against}) AS of_largest
        FROM people p)
    SELECT i, unnest(['', 'customers.country=' || country]) AS segments, list(raw) AS raws,
           list(percentile) AS percentile, list(of_largest) AS of_largest
    FROM scored GROUP BY i, segments
"""


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day: walk back from noon."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    while (at - timedelta(minutes=15)).astimezone(ZoneInfo(zone)).date() == day:
        at -= timedelta(minutes=15)
    return at


def wanted_band(scores: list[float], bounds: list[float]) -> list[int]:
    return [max([i for i, bound in enumerate(bounds) if score >= bound], default=0) for score in scores]


def judged(tables: dict[str, pl.DataFrame], score: dict[str, Any], zone: str) -> list[tuple[Any, ...]]:
    """Window, segment, raw scores, percentiles, shares of the largest."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, table in tables.items():
        load(connection, name, table)
    hours = HOURS.get(str(score.get("half_life")))
    local_day = f"CAST(timezone('{zone}', timezone('UTC', timestamp)) AS DATE)"
    by_day = score.get("count") == "days"
    sql = RAW.format(
        other=score.get("default_weight", 0),
        instant="max(timestamp)" if by_day else "timestamp",
        per_day=f"GROUP BY w.i, w.ends, customer, entry, {local_day}" if by_day else "",
        decay=f"power(2.0, -epoch(ends - moment) / 3600.0 / {hours})" if hours else "1.0",
        against="-1" if "reference" in score else "p.i",
    )
    return connection.execute(sql).fetchall()


@pytest.mark.parametrize("seed", range(8))
def test_raw_scores_and_bands_agree_with_sql(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 3 else ("a", "b", "c", "x")
    export = random_export(dice, rows=250, customers=1 if seed == 5 else 14, names=names)
    first = min(export.events["timestamp"].to_list()).date()
    score = dict(SCORES[seed % 4])
    reference = first + timedelta(days=9)
    if "reference" in score:
        score["reference"] = reference.isoformat()
    surveys, subs = random_surveys(dice, first, rows=6), random_subscriptions(dice, first, customers=4, days=20)
    people = countries(dice, 5)
    days = [first + timedelta(days=n) for n in range(3, 19, 3)]
    given: dict[str, Any] = {"surveys": surveys, "subscriptions": subs, "customers": people}
    settings = {"timezone": export.zone, "events": WEIGHTS, "score": score, "week_start": "monday"}

    def table(buckets: int, events: pl.DataFrame) -> pl.DataFrame:
        outcome = measured(
            {"it": {"type": "score", "every": "3d", "by": ["customers.country"]}},
            settings=settings,
            asked={"since": days[0].isoformat(), "as_of": days[-1].isoformat()},
            limits=Limits(buckets=buckets),
            events=events,
            **given,
        )
        return outcome.answer.metrics[0].view.table

    whole = table(1, export.events)
    assert table(64 if seed == 1 else 7, export.events).equals(whole)
    assert table(1, shuffled(export.events, dice)).equals(whole)

    length = timedelta(days=int(str(score["window"])[:-1]))
    ends = sorted({date.fromisoformat(text) for text in whole["period_end"]})
    stops = {i: min(day, days[-1]) for i, day in enumerate(ends)} | {-1: reference}
    until = midnight(days[-1], export.zone)  # rows from here on are outside what is counted
    windows = [
        {"i": i, "begins": midnight(day - length, export.zone), "ends": midnight(day, export.zone)}
        for i, day in stops.items()
    ]
    tables = {**given, "subs": subs, "ends": pl.DataFrame(windows)}
    tables["events"] = export.events.filter(pl.col("timestamp") < until)
    tables["later"] = export.events.filter(pl.col("timestamp") >= until)
    found = {(ends[i].isoformat(), label): rest for i, label, *rest in judged(tables, score, export.zone) if i >= 0}
    bands = score.get("bands", {"low": 0, "medium": 40, "high": 75, "top": 90})

    shown = {(row["period_end"], row["segments"]): row for row in whole.to_dicts()}
    assert found.keys() <= shown.keys()
    for key, row in shown.items():
        raws, percentile, of_largest = found.get(key, ([], [], []))
        raws = [raw / 1e6 for raw in raws]
        assert row["customers"] == len(raws)
        if not raws:
            assert row["mean_raw"] is None and row["median_raw"] is None and row["share_positive"] is None
            continue
        near = 3e-6 if "half_life" in score else 1e-9  # the last digit of powers of two may differ between libraries
        assert row["mean_raw"] == pytest.approx(sum(raws) / len(raws), abs=near)
        assert row["median_raw"] == pytest.approx(float(pl.Series(raws).median() or 0), abs=near)
        assert row["share_positive"] == pytest.approx(sum(raw > 0 for raw in raws) / len(raws))
        how = score.get("scale", "percentile")
        scores = {"percentile": percentile, "max": [value or 0.0 for value in of_largest], "none": raws}[how]
        counts = wanted_band(scores, [float(bound) for bound in bands.values()])
        assert [row[f"customers_{band}"] for band in bands] == [counts.count(i) for i in range(len(bands))], key
