"""Distributions against SQL written from their definition, on random exports, in however many buckets."""

from __future__ import annotations

import math
import random
from typing import Any

import duckdb
import polars as pl
import pytest
from support.measuring import measured

from engagement_cli.engines.plan import Limits

SETTINGS: dict[str, Any] = {
    "events": {
        "save": {"weight": 1, "degree": "low"},
        "rate": {"weight": 2, "degree": "medium"},
        "make": {"weight": 4, "degree": "high"},
        "look": {"weight": 0.5},
    },
    "score": {"scale": "none", "bands": {"low": 0, "some": 2, "much": 6}},
}
RUNGS = ("none", "low", "medium", "high", "very_high")
BANDS = ("low", "some", "much")
Z = 1.959963984540054
# The window of the score is the 28 days before 1 April; who is known before that day is in the table.
SQL = """
    WITH known AS (
        SELECT customer FROM events WHERE customer IS NOT NULL AND timestamp < '2025-04-01'
        UNION SELECT customer FROM customers),
    inside AS (SELECT * FROM events WHERE timestamp >= '2025-03-04' AND timestamp < '2025-04-01'),
    person AS (
        SELECT customer, country,
               coalesce(max(CASE event WHEN 'save' THEN 1 WHEN 'rate' THEN 2 WHEN 'make' THEN 3 END), 0) AS rung,
               coalesce(sum(CASE event WHEN 'save' THEN 1 WHEN 'rate' THEN 2 WHEN 'make' THEN 4 WHEN 'look' THEN 0.5
                            ELSE 0 END), 0) AS points
        FROM known LEFT JOIN inside USING (customer) LEFT JOIN customers USING (customer) GROUP BY customer, country),
    told AS (
        SELECT unnest(['', 'country=' || coalesce(country, '(none)')]) AS segments, rung,
               CASE WHEN points >= 6 THEN 2 WHEN points >= 2 THEN 1 ELSE 0 END AS band FROM person)
    SELECT segments, {column} AS place, count(*) AS customers, sum(count(*)) OVER (PARTITION BY segments) AS n
    FROM told GROUP BY segments, {column}
"""


def export(seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    dice = random.Random(seed)
    people = [f"c{i:03}" for i in range(60)]
    rows = [
        {
            "customer": dice.choice([*people, None]),
            "event": dice.choice(["save", "rate", "make", "look", "other"]),
            "timestamp": f"2025-0{dice.choice('234')}-{dice.randint(1, 28):02}T{dice.randint(0, 23):02}:00:00",
        }
        for _ in range(160)
    ]
    rows.append({"customer": "c000", "event": "look", "timestamp": "2025-04-10T00:00:00"})
    customers = [{"customer": name, "country": dice.choice(["FR", "BR", None])} for name in dice.sample(people, 40)]
    events = pl.DataFrame(rows).with_columns(pl.col("timestamp").str.to_datetime())
    return events, pl.DataFrame(customers, schema={"customer": pl.String, "country": pl.String})


def wilson(k: int, n: int) -> tuple[float, float]:
    centre, half = (k + Z * Z / 2) / (n + Z * Z), Z * math.sqrt(k * (n - k) / n + Z * Z / 4) / (n + Z * Z)
    return max(centre - half, 0.0), min(centre + half, 1.0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("column", "names"), [("rung", RUNGS), ("band", BANDS)])
def test_every_share_is_that_of_the_sql(seed: int, column: str, names: tuple[str, ...]) -> None:
    events, customers = export(seed)
    entry = {"it": {"type": "distribution", "of": column, "by": ["country"]}}
    frames = {}
    for buckets in (1, 7):
        shuffled = events.sample(fraction=1, shuffle=True, seed=seed + buckets)
        outcome = measured(
            entry,
            settings=SETTINGS,
            asked={"as_of": "2025-04-01"},
            limits=Limits(buckets=buckets),
            events=shuffled,
            customers=customers,
        )
        frames[buckets] = outcome.answer.metrics[0].view.table
    assert frames[1].equals(frames[7])
    judge = duckdb.connect()
    judge.register("events", events.to_arrow())
    judge.register("customers", customers.to_arrow())
    expected = {
        (s, names[place]): (k, int(n)) for s, place, k, n in judge.execute(SQL.format(column=column)).fetchall()
    }
    found = {(row["segments"], row["value"]): row for row in frames[1].to_dicts()}
    assert {key for key, row in found.items() if row["customers"]} == set(expected)
    sizes = {segments: n for (segments, _), (_, n) in expected.items()}
    for (segments, value), row in found.items():
        count, n = expected.get((segments, value), (0, sizes[segments]))
        assert (row["customers"], row["n"]) == (count, n)
        assert row["share"] == pytest.approx(count / n)
        assert (row["ci_low"], row["ci_high"]) == pytest.approx(wilson(count, n), abs=1e-12)
    assert len(found) == len(sizes) * len(names)
