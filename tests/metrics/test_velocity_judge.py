"""How fast contents spread, judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.aggregates import random_range
from support.judging import asked_of_duckdb, assert_same
from support.measuring import one
from support.random_data import random_export, thousand_names
from support.random_tables import countries

from engagement_cli.engines.plan import Limits

QUERY = """
WITH numbered AS (SELECT * FROM events WHERE basket IS NOT NULL AND "timestamp" < greatest({until}, {as_of})),
people AS (SELECT customer AS known, any_value(country) AS country FROM customers GROUP BY 1),
shares AS (
    SELECT basket, "timestamp" AS made, unnest(['', {label}]) AS segments
    FROM numbered LEFT JOIN people ON known = customer WHERE {shared}
),
firsts AS (SELECT basket, min("timestamp") AS first FROM numbered WHERE {appears} GROUP BY 1),
shown AS (SELECT *, {whole} AS whole FROM periods WHERE ends > {since} AND starts < {until}),
contents AS (SELECT basket, first, number FROM firsts JOIN shown ON first >= starts AND first < ends
    WHERE first >= {since} AND first < {until}),
ranked AS (
    SELECT segments, basket, number, first, made,
        row_number() OVER (PARTITION BY segments, basket ORDER BY made) AS place,
        count(*) OVER (PARTITION BY segments, basket) AS every_share
    FROM shares JOIN contents USING (basket) WHERE made >= first
), each AS (
    SELECT segments, basket, any_value(number) AS number, any_value(first) AS first, count(*) AS shares,
        count(*) FILTER (made < first + INTERVAL 24 HOUR) AS day,
        count(*) FILTER (made < first + INTERVAL 168 HOUR) AS week,
        epoch(min(made - first) FILTER (2 * place >= every_share)) AS half
    FROM ranked GROUP BY ALL
    UNION ALL
    SELECT '', basket, number, first, 0, 0, 0, NULL FROM contents
    WHERE basket NOT IN (SELECT basket FROM ranked WHERE segments = '')
), labels AS (SELECT DISTINCT segments FROM each UNION SELECT '')
SELECT labels.segments, count(each.basket) AS contents, CAST(coalesce(sum(shares), 0) AS BIGINT) AS shares,
    avg(day) / 24 AS mean_per_hour_24h, median(day) / 24 AS median_per_hour_24h,
    avg(week) / 168 AS mean_per_hour_7d, median(week) / 168 AS median_per_hour_7d,
    avg(half) AS mean_seconds_to_half, median(half) AS median_seconds_to_half,
    count(*) FILTER (first + INTERVAL 168 HOUR > {as_of}) AS young,
    any_value(whole) AND young = 0 AS complete
FROM labels CROSS JOIN shown LEFT JOIN each ON each.segments = labels.segments AND each.number = shown.number
GROUP BY labels.segments, shown.number ORDER BY labels.segments, shown.number
"""
LABELS = {
    "channel": "'channel=' || coalesce(channel, '(none)')",
    "country": "'country=' || coalesce(country, '(none)')",
    "basket": "'basket=' || basket",
}


@pytest.mark.parametrize("seed", range(24))
def test_velocities_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    rows = 1_500 if seed == 0 else dice.choice([30, 120, 300])
    export = random_export(dice, rows=rows, names=names, customers=1 if seed == 1 else 8, days=dice.choice([3, 25]))
    people = countries(dice, 8)
    asked = random_range(dice, export)
    by = dice.choice([None, "channel", "country", "basket"])
    entry: dict[str, Any] = {"type": "velocity", "events": ["a", "b"], "content": "basket", "every": asked.every}
    shared, appears = "event IN ('a', 'b')", ""
    if dice.random() < 0.5:
        entry["from"], appears = ["c"], "event = 'c'"
    if dice.random() < 0.3:
        entry["where"] = "channel = 'web'"
        shared = f"{shared} AND channel = 'web'"
    if "from" not in entry:
        appears = shared
    entry["by"] = [by] if by is not None else []
    given = {"settings": {"timezone": export.zone}, "asked": asked.range, "customers": people}
    found = one(entry, **given, limits=Limits(buckets=1), events=export.events).view
    shuffled = export.shuffled(dice).events
    assert found.table.equals(one(entry, **given, limits=Limits(buckets=7), events=shuffled).view.table)
    bounds = {name: f"TIMESTAMPTZ '{getattr(asked, name)}'" for name in ("since", "until", "as_of")}
    whole = "TRUE" if asked.every == "total" else "starts >= {since} AND ends <= least({as_of}, {until})"
    sql = QUERY.format(
        **bounds, whole=whole.format(**bounds), shared=shared, appears=appears, label=LABELS[by] if by else "''"
    )
    if by is None:
        sql = sql.replace("unnest(['', ''])", "''")
    tables = {"events": export.events, "customers": people, "periods": asked.periods}
    assert_same(found.table.to_dicts(), asked_of_duckdb(sql, **tables))
