"""Referred and own value judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from support.aggregates import random_range
from support.judging import asked_of_duckdb, assert_same
from support.measuring import one
from support.random_data import random_export
from support.random_tables import countries

from engagement_cli.engines.plan import Limits

QUERY = """
WITH people AS (SELECT customer AS known, any_value(country) AS country FROM customers GROUP BY 1),
links AS (SELECT customer, referred_by FROM customers WHERE referred_by != customer),
shown AS (SELECT * FROM periods WHERE ends > {since} AND starts < {until}),
bought AS (
    SELECT number, events.customer, CAST(round(value, 6) AS DECIMAL(18, 6)) AS amount, unnest({labels}) AS segments,
        customer IN (SELECT customer FROM links) AS referred, customer IN (SELECT referred_by FROM links) AS refers
    FROM events JOIN shown ON "timestamp" >= starts AND "timestamp" < ends LEFT JOIN people ON known = customer
    WHERE customer IS NOT NULL AND value IS NOT NULL AND event IN ('a', 'b')
        AND "timestamp" >= {since} AND "timestamp" < {until}
), labels AS (SELECT DISTINCT segments FROM bought UNION SELECT '')
SELECT labels.segments, CAST(coalesce(sum(amount) FILTER (referred), 0) AS DOUBLE) AS referred_value,
    CAST(coalesce(sum(amount) FILTER (refers), 0) AS DOUBLE) AS own_value,
    CAST(coalesce(sum(amount), 0) AS DOUBLE) AS value,
    CASE WHEN count(amount) > 0 THEN referred_value / value END AS referred_share,
    count(DISTINCT customer) FILTER (referred) AS referred_buyers,
    count(DISTINCT customer) FILTER (refers) AS referring_buyers, count(DISTINCT customer) AS buyers
FROM labels CROSS JOIN shown LEFT JOIN bought ON bought.segments = labels.segments AND bought.number = shown.number
GROUP BY labels.segments, shown.number ORDER BY labels.segments, shown.number
"""


@pytest.mark.parametrize("seed", range(20))
def test_referred_and_own_values_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    export = random_export(dice, rows=dice.choice([10, 120, 300]), customers=1 if seed == 1 else 8)
    people = countries(dice, 8)
    known = [*(f"{n:03}" for n in range(8)), "elsewhere", None, None, None]
    referrers = pl.Series("referred_by", [dice.choice(known) for _ in range(people.height)], dtype=pl.String)
    people = people.with_columns(referrers)
    asked = random_range(dice, export)
    by = dice.choice([[], ["country"]])
    entry: dict[str, Any] = {"type": "referrals", "purchase": ["a", "b"], "every": asked.every, "by": by}
    given = {"settings": {"timezone": export.zone}, "asked": asked.range, "customers": people}
    found = one(entry, **given, limits=Limits(buckets=1), events=export.events).view
    again = one(entry, **given, limits=Limits(buckets=7), events=export.shuffled(dice).events).view
    assert found.table.equals(again.table)
    assert found.totals == again.totals == {"referrers": _referrers(people)}
    labels = "['', 'country=' || coalesce(country, '(none)')]" if by else "['']"
    sql = QUERY.format(since=f"TIMESTAMPTZ '{asked.since}'", until=f"TIMESTAMPTZ '{asked.until}'", labels=labels)
    tables = {"events": export.events, "customers": people, "periods": asked.periods}
    assert_same(found.table.to_dicts(), asked_of_duckdb(sql, **tables))


def _referrers(people: pl.DataFrame) -> int:
    return people.filter(pl.col("referred_by") != pl.col("customer"))["referred_by"].n_unique()
