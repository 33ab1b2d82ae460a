"""Adoption judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from support.judging import asked_of_duckdb, assert_same, steady
from support.random_data import local_periods, random_export, thousand_names

QUERY = """
WITH known AS (
    SELECT number, customer, coalesce(channel, '(none)') AS channel, {used} AS uses, {of} AS could
    FROM events JOIN periods ON timestamp >= starts AND timestamp < ends
    WHERE customer IS NOT NULL AND timestamp >= '{since}' AND timestamp < '{until}' AND {filter}
), parts AS (
    SELECT '' AS segments UNION SELECT 'channel=' || channel FROM known WHERE uses AND {divided}
), counted AS (
    SELECT segments, p.number,
        count(DISTINCT customer) FILTER (uses AND (segments = '' OR segments = 'channel=' || channel)) AS customers,
        count(DISTINCT customer) FILTER (uses OR could) AS active
    FROM parts, periods p LEFT JOIN known k ON k.number = p.number
    WHERE p.ends > '{since}' AND p.starts < '{until}' GROUP BY ALL
)
SELECT segments, customers, active, customers / nullif(active, 0) AS adoption,
    CASE WHEN active = 0 THEN NULL WHEN customers = 0 THEN 0
        ELSE greatest(0, (customers / active + z * z / (2 * active)
        - z * sqrt(customers / active * (1 - customers / active) / active + z * z / (4.0 * active * active)))
        / (1 + z * z / active)) END AS ci_low
FROM counted, (SELECT 1.959963984540054 AS z) ORDER BY segments, number
"""


@pytest.mark.parametrize("seed", range(12))
def test_adoption_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    export = random_export(dice, rows=1500 if seed == 0 else 150, names=names, customers=1 if seed == 1 else 8)
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    since = first + dice.choice([timedelta(), timedelta(days=3, hours=5)])
    until = last + dice.choice([timedelta(seconds=1), timedelta(days=-4, hours=2)])
    every = dice.choice(["hour", "day", "week", "month"] if seed else ["week"])
    of, by, where = dice.choice([["b"], ["b", "c"], ["a", "x"]]), dice.random() < 0.6, dice.random() < 0.3
    entry: dict[str, Any] = {"type": "adoption", "events": ["a"], "of": of, "every": every}
    entry |= {"by": ["channel"]} if by else {}
    entry |= {"where": "value IS NOT NULL"} if where else {}
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": until.isoformat()}
    found = steady(entry, export, asked, dice)
    sql = QUERY.format(
        used="event = 'a'",
        of="event IN ({})".format(", ".join(f"'{name}'" for name in of)),
        filter="value IS NOT NULL" if where else "TRUE",
        divided=by,
        since=since,
        until=until,
    )
    periods = local_periods(export.zone, every, since, until)
    assert_same(found.view.table.to_dicts(), asked_of_duckdb(sql, events=export.events, periods=periods))
