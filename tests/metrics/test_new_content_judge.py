"""The share of what is consumed that is new, judged by SQL written from the definition, on random exports."""

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
dated AS (SELECT events.*, days.number AS day FROM events JOIN days ON "timestamp" >= starts AND "timestamp" < ends),
firsts AS (SELECT basket, min(day) AS first FROM dated WHERE basket IS NOT NULL AND {appears} GROUP BY 1),
history AS (SELECT min(day) AS begins FROM dated),
shown AS (
    SELECT periods.*, days.number AS opens, {whole} AS whole FROM periods
    JOIN days ON greatest(periods.starts, {since}) >= days.starts AND greatest(periods.starts, {since}) < days.ends
    WHERE periods.ends > {since} AND periods.starts < {until}
), used AS (
    SELECT shown.number, customer, unnest({labels}) AS segments,
        coalesce(day - first BETWEEN 0 AND {new}, FALSE) AS fresh
    FROM dated JOIN shown ON "timestamp" >= starts AND "timestamp" < ends LEFT JOIN firsts USING (basket)
    LEFT JOIN people ON known = customer
    WHERE basket IS NOT NULL AND {used} AND "timestamp" >= {since} AND "timestamp" < {until}
), labels AS (SELECT DISTINCT segments FROM used UNION SELECT '')
SELECT labels.segments, count(fresh) AS uses, count(*) FILTER (fresh) AS new_uses,
    CASE WHEN uses > 0 THEN new_uses / uses END AS new_share, count(DISTINCT customer) AS customers,
    any_value(whole AND opens > begins + {new}) AS complete
FROM labels CROSS JOIN shown CROSS JOIN history
LEFT JOIN used ON used.segments = labels.segments AND used.number = shown.number
GROUP BY labels.segments, shown.number ORDER BY labels.segments, shown.number
"""
LABELS = {
    "channel": "'channel=' || coalesce(channel, '(none)')",
    "country": "'country=' || coalesce(country, '(none)')",
}


@pytest.mark.parametrize("seed", range(24))
def test_what_is_new_is_what_the_judge_calls_new(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    rows = 1_500 if seed == 0 else dice.choice([30, 120, 300])
    export = random_export(dice, rows=rows, names=names, customers=1 if seed == 1 else 8, days=dice.choice([5, 25]))
    people = countries(dice, 8)
    asked = random_range(dice, export)
    by, new = dice.choice([None, "channel", "country"]), dice.choice([1, 3, 8])
    entry: dict[str, Any] = {"type": "new_content", "events": ["a", "b"], "content": "basket", "every": asked.every}
    entry |= {"new": f"{new}d", "by": [by] if by is not None else []}
    used, appears = "event IN ('a', 'b')", "TRUE"
    if dice.random() < 0.5:
        entry["from"], appears = ["c"], "event = 'c'"
    if dice.random() < 0.3:
        entry["where"], used = "channel = 'web'", f"{used} AND channel = 'web'"
    given = {"settings": {"timezone": export.zone}, "asked": asked.range, "customers": people}
    found = one(entry, **given, limits=Limits(buckets=1), events=export.events).view
    shuffled = export.shuffled(dice).events
    assert found.table.equals(one(entry, **given, limits=Limits(buckets=7), events=shuffled).view.table)
    bounds = {name: f"TIMESTAMPTZ '{getattr(asked, name)}'" for name in ("since", "until", "as_of")}
    whole = (
        "TRUE" if asked.every == "total" else "periods.starts >= {since} AND periods.ends <= least({as_of}, {until})"
    )
    sql = QUERY.format(
        **bounds,
        whole=whole.format(**bounds),
        used=used,
        appears=appears,
        new=new,
        labels=f"['', {LABELS[by]}]" if by else "['']",
    )
    instants = export.events["timestamp"]
    first, last = min(instants.min(), asked.since), max(instants.max(), asked.until)
    days = local_periods(export.zone, "day", first, last)
    tables = {"events": export.events, "customers": people, "periods": asked.periods, "days": days}
    assert_same(found.table.to_dicts(), asked_of_duckdb(sql, **tables))
