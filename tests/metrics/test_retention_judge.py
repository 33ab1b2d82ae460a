"""Retention judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from support.judging import asked_of_duckdb, assert_same, steady
from support.random_data import local_periods, random_export, thousand_names

LENGTHS = {"hour": 3600, "day": 86_400, "week": 7 * 86_400, "month": 30 * 86_400}

MEMBERS = """
WITH starting AS (
    SELECT customer, timestamp AS t FROM events WHERE customer IS NOT NULL AND {starts} AND timestamp < '{until}'
), entries AS (
    SELECT customer, number AS cohort, starts AS cohort_start, ends AS cohort_end, min(t) AS entry
    FROM (SELECT customer, {entry} AS t FROM starting {once}) JOIN periods ON t >= starts AND t < ends
    WHERE t >= '{since}' GROUP BY ALL
), cells AS (
    SELECT e.*, b.first, b.last, b.place,
        CASE WHEN {elapsed} THEN entry + b.first * INTERVAL {length} SECOND ELSE p.starts END AS begins,
        CASE WHEN {elapsed} THEN entry + (b.last + 1) * INTERVAL {length} SECOND ELSE q.ends END AS ends
    FROM entries e CROSS JOIN brackets b
    JOIN periods p ON p.number = e.cohort + b.first JOIN periods q ON q.number = e.cohort + b.last
), counted AS (
    SELECT c.customer, cohort, place, c.ends <= '{end}' AS over,
        count(r.t) FILTER ({later} OR r.t < c.ends) >= {min_count} AS so_far,
        count(r.t) FILTER (CASE WHEN {later} THEN r.t < '{end}' ELSE r.t < c.ends END) >= {min_count} AS retained
    FROM cells c LEFT JOIN (
        SELECT customer, timestamp AS t FROM events WHERE {returns} AND timestamp < '{until}'
    ) r ON r.customer = c.customer AND r.t >= c.begins AND r.t >= c.entry
    GROUP BY c.customer, c.cohort, c.place, c.ends
)
"""

CELLS = """
, shown AS (
    SELECT c.number AS cohort, b.place, b.first,
        CASE WHEN {elapsed} THEN c.starts + b.first * INTERVAL {length} SECOND ELSE p.starts END AS begins,
        CASE WHEN {elapsed} THEN c.ends + (b.last + 1) * INTERVAL {length} SECOND ELSE q.ends END AS ends
    FROM periods c CROSS JOIN brackets b
    JOIN periods p ON p.number = c.number + b.first JOIN periods q ON q.number = c.number + b.last
    WHERE c.ends > '{since}' AND c.starts < '{until}'
), filled AS (
    SELECT s.*, ends <= '{end}' AS complete, count(customer) AS cohort_size,
        CASE WHEN {elapsed} OR ends <= '{end}' THEN count(*) FILTER (over)
             WHEN begins < greatest(TIMESTAMPTZ '{end}', TIMESTAMPTZ '{seen}') THEN count(customer)
             ELSE 0 END AS eligible,
        CASE WHEN {elapsed} OR ends <= '{end}' THEN count(*) FILTER (over AND retained)
             ELSE count(*) FILTER (so_far) END AS retained
    FROM shown s LEFT JOIN counted c ON c.cohort = s.cohort AND c.place = s.place
    GROUP BY s.cohort, s.place, s.first, s.begins, s.ends
)
SELECT first AS period, cohort_size, eligible, retained, retained / nullif(eligible, 0) AS rate, complete
FROM filled ORDER BY cohort, place
"""

POOLED = """
, wide AS (
    SELECT place, customer, count(*) AS y, count(*) FILTER (retained) AS x FROM counted WHERE over GROUP BY ALL
), sums AS (
    SELECT b.place, b.first AS period, coalesce(sum(y), 0) AS eligible, coalesce(sum(x), 0) AS retained,
        sum(x) / sum(y) AS rate, count(customer) AS customers
    FROM brackets b LEFT JOIN wide w ON w.place = b.place GROUP BY b.place, b.first
), spread AS (
    SELECT s.place, CASE WHEN sum((x - rate * y) ^ 2) > 1e-12 THEN
        1.959963984540054 * sqrt(sum((x - rate * y) ^ 2) * customers / nullif(customers - 1, 0)) / eligible END AS half
    FROM sums s JOIN wide w ON w.place = s.place GROUP BY s.place, customers, eligible
)
SELECT period, eligible, retained, rate, customers, {bounds}
FROM sums LEFT JOIN spread ON spread.place = sums.place ORDER BY sums.place
"""
BY_CUSTOMER = """
    CASE WHEN half IS NOT NULL THEN greatest(rate - half, 0) END AS ci_low,
    CASE WHEN half IS NOT NULL THEN least(rate + half, 1) END AS ci_high
"""
# Wilson's score interval, as in the textbooks.
WILSON = """
    CASE WHEN eligible > 0 THEN greatest(0, (rate + 1.9207294 / eligible - 1.959963984540054
        * sqrt(rate * (1 - rate) / eligible + 0.9603647 / eligible ^ 2)) / (1 + 3.8414588 / eligible)) END AS ci_low,
    CASE WHEN eligible > 0 THEN least(1, (rate + 1.9207294 / eligible + 1.959963984540054
        * sqrt(rate * (1 - rate) / eligible + 0.9603647 / eligible ^ 2)) / (1 + 3.8414588 / eligible)) END AS ci_high
"""


def question(dice: random.Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """An entry, and what the query needs to know of it."""
    every = dice.choice(["hour", "day", "day", "week", "month"])
    entry: dict[str, Any] = {
        "type": "retention",
        "every": every,
        "start": ["a", "b"],
        "return": dice.choice([["a", "b"], ["c"]]),
        "entry": dice.choice(["recurring", "first_time"]),
        "criterion": dice.choice(["on", "on", "on_or_after"]),
        "clock": dice.choice(["calendar", "elapsed"]),
        "min_count": dice.choice([1, 1, 2]),
    }
    if dice.random() < 0.4:
        entry["brackets"], brackets = ["0", "1-2", "2", "1-4"], [(0, 0), (1, 2), (2, 2), (1, 4)]
    else:
        entry["intervals"], brackets = 4, [(n, n) for n in range(4)]
    clause = "TRUE"
    if dice.random() < 0.3:
        entry["where"] = clause = "channel = 'web'"
    said = {
        "starts": f"event IN ('a', 'b') AND {clause}",
        "returns": f"event IN ({', '.join(repr(name) for name in entry['return'])}) AND {clause}",
        "entry": "min(t)" if entry["entry"] == "first_time" else "t",
        "once": "GROUP BY customer" if entry["entry"] == "first_time" else "",
        "elapsed": entry["clock"] == "elapsed",
        "later": entry["criterion"] == "on_or_after",
        "length": LENGTHS[every],
        "min_count": entry["min_count"],
        "bounds": WILSON if entry["entry"] == "first_time" else BY_CUSTOMER,
        "brackets": brackets,
    }
    return entry, said


@pytest.mark.parametrize("seed", range(24))
def test_retention_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(100 + seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    days = dice.choice([6, 30])
    export = random_export(
        dice, names=names, rows=600 if seed == 0 else 150, customers=1 if seed == 1 else 8, days=days
    )
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    entry, said = question(dice)
    if seed == 0:
        entry["start"] = entry["return"] = sorted(set(export.events["event"].to_list()))[:200]
        listed = ", ".join(repr(name) for name in entry["start"])
        clause = entry.get("where", "TRUE")
        said |= {"starts": f"event IN ({listed}) AND {clause}", "returns": f"event IN ({listed}) AND {clause}"}
    if entry["every"] == "hour":
        since = first + timedelta(hours=dice.randrange(48))
        until = since + timedelta(hours=dice.randint(2, 12), minutes=dice.choice([0, 20]))
    else:
        since = first + dice.choice([timedelta(), timedelta(days=2, hours=5)])
        until = dice.choice([last + timedelta(seconds=1), last - timedelta(days=1, hours=3), since + timedelta(days=2)])
    as_of = dice.choice([until, until - timedelta(hours=7), last + timedelta(days=2)])
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    found = steady(entry, export, asked, dice)
    brackets = [{"place": n, "first": a, "last": b} for n, (a, b) in enumerate(said.pop("brackets"))]
    margin = timedelta(seconds=6 * LENGTHS[entry["every"]])
    tables = {
        "events": export.events,
        "brackets": pl.DataFrame(brackets),
        "periods": local_periods(export.zone, entry["every"], since, until + margin),
    }
    seen = min(until, last + timedelta(microseconds=1))
    said |= {"since": since, "until": until, "end": min(as_of, until), "seen": seen}
    cells = asked_of_duckdb((MEMBERS + CELLS).format(**said), **tables)
    assert_same(found.view.table.to_dicts(), cells)
    pooled = asked_of_duckdb((MEMBERS + POOLED).format(**said), **tables)
    assert_same(found.view.totals["mean"], pooled)
    headline = found.rows.filter(pl.col("cohort_start").is_null()).select(period="index", rate="value", customers="n")
    assert_same(headline.to_dicts(), [{k: row[k] for k in ("period", "rate", "customers")} for row in pooled])


def test_without_since_there_are_as_many_cohorts_as_intervals() -> None:
    dice = random.Random(7)
    export = random_export(dice, days=3, place=("Europe/Paris", datetime(2025, 3, 29, tzinfo=UTC).date()))
    for every in ("hour", "day", "week", "month", "quarter", "2d", "3w", "6h"):
        entry = {"type": "retention", "start": "a", "return": "b", "every": every, "intervals": 5}
        table = steady(entry, export, {}, dice).view.table
        assert table["cohort_start"].n_unique() == 5
        assert table.height == 25
