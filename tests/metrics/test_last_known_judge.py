"""Last known values judged by SQL written from the definition, on random audiences."""

from __future__ import annotations

import random

import polars as pl
import pytest
from support.aggregates import random_range
from support.judging import asked_of_duckdb, assert_same
from support.measuring import one
from support.random_data import Export, random_export

from engagement_cli.engines.plan import Limits

QUERY = """
WITH shown AS (SELECT * FROM periods WHERE ends > '{since}' AND starts < '{until}'),
edges AS (SELECT number, greatest(starts, TIMESTAMPTZ '{since}') AS begins, {edge} AS edge FROM shown),
latest AS (
    SELECT number, account, begins, max("timestamp") AS latest
    FROM edges, audience WHERE "timestamp" < edge AND followers IS NOT NULL GROUP BY ALL
), known AS (
    SELECT number, latest < any_value(begins) AS old, max(CAST(round(followers, 6) AS DECIMAL(18, 6))) AS followers
    FROM latest JOIN audience ON audience.account IS NOT DISTINCT FROM latest.account AND "timestamp" = latest
    WHERE followers IS NOT NULL GROUP BY number, latest.account, latest
)
SELECT CAST(sum(followers) AS DOUBLE) AS value, coalesce(bool_or(old), FALSE) AS carried
FROM shown LEFT JOIN known USING (number)
GROUP BY shown.number ORDER BY shown.number
"""
EDGES = {"end": "least(ends, TIMESTAMPTZ '{until}')", "start": "greatest(starts, TIMESTAMPTZ '{since}')"}


@pytest.mark.parametrize("seed", range(24))
def test_last_known_values_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    export = random_export(dice, rows=dice.choice([1, 20, 150]), days=60)
    asked = random_range(dice, export)
    at = dice.choice(["start", "end"])
    audience = export.events.select("timestamp", account="channel", followers="value")
    entry = {"type": "aggregate", "last": "followers", "at": at, "source": "audience", "every": asked.every}
    given = {"settings": {"timezone": export.zone}, "asked": asked.range}
    found = one(entry, **given, audience=audience.rename({"timestamp": "date"}))
    shuffled = Export(audience, export.zone).shuffled(dice).events.rename({"timestamp": "date"})
    assert found.view.table.equals(one(entry, **given, limits=Limits(buckets=7), audience=shuffled).view.table)
    bounds = {"since": asked.since, "until": asked.until}
    sql = QUERY.format(**bounds, edge=EDGES[at].format(**bounds))
    carried = pl.col("flags").str.contains("carried_over")
    actual = found.view.table.with_columns(carried=carried | pl.lit(at == "start"))
    judged = asked_of_duckdb(sql, audience=audience, periods=asked.periods)
    assert_same(actual.to_dicts(), [{**row, "carried": row["carried"] or at == "start"} for row in judged])


def test_what_is_known_at_the_start_is_what_was_known_at_the_end_before() -> None:
    export = random_export(random.Random(99), rows=80, days=90)
    audience = export.events.select(date="timestamp", account="channel", followers="value")
    tables = [
        one(
            {"type": "aggregate", "last": "followers", "at": at, "source": "audience", "every": "day"},
            audience=audience,
        ).view.table
        for at in ("start", "end")
    ]
    assert tables[0]["value"][1:].equals(tables[1]["value"][:-1])
    assert tables[0]["value"][0] is None
