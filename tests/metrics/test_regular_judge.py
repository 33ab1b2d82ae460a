"""Regular customers judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.aggregates import random_range
from support.judging import asked_of_duckdb, assert_same
from support.measuring import one
from support.random_data import local_periods, random_export, thousand_names
from support.random_tables import countries

from engagement_cli.engines.plan import Limits

QUERY = """
WITH people AS (SELECT customer AS known, any_value(country) AS country FROM customers GROUP BY 1),
came AS (
    SELECT DISTINCT customer, number, unnest({labels}) AS segments
    FROM events JOIN periods ON "timestamp" >= starts AND "timestamp" < ends LEFT JOIN people ON known = customer
    WHERE customer IS NOT NULL AND {chosen} AND "timestamp" < {until}
), begins AS (
    SELECT min(number) AS whole FROM periods WHERE starts >= (SELECT max(starts) FROM days, events
        WHERE "timestamp" = (SELECT min("timestamp") FROM events) AND starts <= "timestamp")
), shown AS (
    SELECT *, starts >= {since} AND ends <= least({as_of}, {until}) AS whole
    FROM periods WHERE ends > {since} AND starts < {until}
), each AS (
    SELECT segments, shown.number, customer, count(*) AS times
    FROM shown JOIN came ON came.number BETWEEN shown.number - {periods} + 1 AND shown.number GROUP BY ALL
), labels AS (SELECT DISTINCT segments FROM each UNION SELECT '')
SELECT labels.segments, count(customer) AS customers, count(*) FILTER (times = {periods}) AS regular,
    CASE WHEN customers > 0 THEN regular / customers END AS regular_share,
    any_value(shown.whole AND shown.number - {periods} + 1 >= begins.whole) AS complete
FROM labels CROSS JOIN shown CROSS JOIN begins
LEFT JOIN each ON each.segments = labels.segments AND each.number = shown.number
GROUP BY labels.segments, shown.number ORDER BY labels.segments, shown.number
"""
LABELS = {
    "channel": "'channel=' || coalesce(channel, '(none)')",
    "country": "'country=' || coalesce(country, '(none)')",
}


@pytest.mark.parametrize("seed", range(24))
def test_regular_customers_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    rows = 1_500 if seed == 0 else dice.choice([30, 120, 400])
    export = random_export(dice, rows=rows, names=names, customers=1 if seed == 1 else 8, days=dice.choice([8, 60]))
    people = countries(dice, 8)
    asked = random_range(dice, export, ("day", "week", "month"))
    by, periods = dice.choice([None, "channel", "country"]), dice.choice([2, 2, 3, 4])
    entry: dict[str, Any] = {"type": "regular", "active": ["a", "b"], "periods": periods, "every": asked.every}
    entry["by"], chosen = [by] if by is not None else [], "event IN ('a', 'b')"
    if dice.random() < 0.3:
        entry["where"], chosen = "channel = 'web'", f"{chosen} AND channel = 'web'"
    given = {"settings": {"timezone": export.zone}, "asked": asked.range, "customers": people}
    found = one(entry, **given, limits=Limits(buckets=1), events=export.events).view
    shuffled = export.shuffled(dice).events
    assert found.table.equals(one(entry, **given, limits=Limits(buckets=7), events=shuffled).view.table)
    bounds = {name: f"TIMESTAMPTZ '{getattr(asked, name)}'" for name in ("since", "until", "as_of")}
    labels = f"['', {LABELS[by]}]" if by else "['']"
    sql = QUERY.format(**bounds, chosen=chosen, periods=periods, labels=labels)
    instants = export.events["timestamp"]
    days = local_periods(export.zone, "day", instants.min(), instants.max())
    tables = {"events": export.events, "customers": people, "periods": asked.periods, "days": days}
    assert_same(found.table.to_dicts(), asked_of_duckdb(sql, **tables))
