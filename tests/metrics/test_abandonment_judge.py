"""Abandonment judged on random exports: entrants, those who leave, and each value against all others, by SQL."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from support.judging import asked_of_duckdb, assert_same, steady
from support.random_data import local_periods, random_export, thousand_names

QUERY = """
WITH rows AS (
    SELECT customer, timestamp AS t, event,
        coalesce(channel, '(none)') AS channel, coalesce(basket, '(none)') AS basket,
        row_number() OVER (ORDER BY event, basket NULLS FIRST, channel NULLS FIRST) AS kind
    FROM events WHERE customer IS NOT NULL
), attempts AS (
    SELECT number AS period, e.customer, e.t, e.kind, e.channel, e.basket, e.t + INTERVAL {window} SECOND AS closes,
        EXISTS (SELECT 1 FROM rows r WHERE r.customer = e.customer AND r.event IN ({last}) AND r.t >= e.t
            AND r.t <= e.t + INTERVAL {window} SECOND) AS through
    FROM rows e JOIN periods ON e.t >= starts AND e.t < ends
    WHERE e.event IN ({first}) AND e.t >= '{since}' AND e.t < '{until}'
), counted AS (
    SELECT * FROM attempts QUALIFY row_number() OVER (PARTITION BY period, customer
        ORDER BY {deepest} t, kind) = 1
), divided AS (
    SELECT '' AS segments, * FROM counted UNION ALL SELECT 'channel=' || channel, * FROM counted WHERE {by}
), valued AS (
    SELECT segments, period, '' AS property, '' AS value, through, closes FROM divided
    UNION ALL SELECT segments, period, 'basket', basket, through, closes FROM divided
    UNION ALL SELECT segments, period, 'channel', channel, through, closes FROM divided
), summed AS (
    SELECT segments, period, property, value, count(*) AS customers, count(*) FILTER (NOT through) AS abandoned,
        count(*) FILTER (closes >= '{as_of}') AS open
    FROM valued GROUP BY ALL
), grid AS (
    SELECT * FROM summed UNION ALL
    SELECT segments, number, '', '', 0, 0, 0 FROM (SELECT DISTINCT segments FROM summed UNION SELECT ''), periods
    WHERE ends > '{since}' AND starts < '{until}'
        AND (segments, number) NOT IN (SELECT (segments, period) FROM summed)
)
SELECT g.*, g.abandoned / nullif(g.customers, 0) AS abandonment,
    CASE WHEN g.property <> '' THEN (a.abandoned - g.abandoned) / nullif(a.customers - g.customers, 0) END
        AS others_rate,
    100 * (abandonment - others_rate) AS difference
FROM grid g LEFT JOIN summed a ON a.segments = g.segments AND a.period = g.period AND a.property = ''
"""


@pytest.mark.parametrize("seed", range(14))
def test_abandonment_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(900 + seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    export = random_export(dice, names=names, rows=900 if seed == 0 else 220, customers=1 if seed == 1 else 14)
    present = sorted(set(export.events["event"].to_list()))
    steps = [["a"], ["b"]] if seed else [present[0:400:2], present[1:400:2]]
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    assert isinstance(first, type(last))
    since = first + dice.choice([timedelta(), timedelta(days=2, hours=5)])
    until = dice.choice([last + timedelta(seconds=1), last - timedelta(days=6, hours=3)])
    as_of = dice.choice([until, last + timedelta(days=2)])
    every, window = dice.choice(["total", "week"]), dice.choice([3600, 86_400])
    entry: dict[str, Any] = {"type": "abandonment", "steps": steps, "window": f"{window}s", "every": every, "top": None}
    entry |= {"properties": ["channel", "basket"], "reentry": dice.choice(["any", "first"])}
    if divided := dice.random() < 0.4:
        entry["by"] = ["channel"]
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    found = steady(entry, export, asked, dice).view.table
    whole = pl.DataFrame({"number": [0], "starts": [since], "ends": [until]})
    periods = whole if every == "total" else local_periods(export.zone, every, since, until)
    said = {
        "first": quoted(steps[0]),
        "last": quoted(steps[1]),
        "window": window,
        "since": since,
        "until": until,
        "as_of": as_of,
        "by": "TRUE" if divided else "FALSE",
        "deepest": "NOT through, " if entry["reentry"] == "any" else "",
    }
    expected = asked_of_duckdb(QUERY.format(**said), events=export.events, periods=periods)
    starts = dict(zip(*shown_periods(found, expected), strict=True))
    actual = found.with_columns(period=found["period_start"].replace_strict(starts)).to_dicts()
    key = ("segments", "period", "property", "value")
    assert_same(sorted(actual, key=lambda r: [r[k] for k in key]), sorted(expected, key=lambda r: [r[k] for k in key]))
    ranked_by_what_is_sure(found)


def quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def shown_periods(found: pl.DataFrame, expected: list[dict[str, Any]]) -> tuple[list[str], list[int]]:
    """The periods of both, in their order."""
    return found["period_start"].unique().sort().to_list(), sorted({row["period"] for row in expected})


def ranked_by_what_is_sure(found: pl.DataFrame) -> None:
    for (_, _), part in found.group_by("segments", "period_start", maintain_order=True):
        rows = part.to_dicts()
        assert rows[0]["property"] == ""
        sure = [max(r["difference_ci_low"] or 0, -(r["difference_ci_high"] or 0), 0) for r in rows[1:]]
        assert sure == sorted(sure, reverse=True)
        assert all((low is None) == (r["difference"] is None) for r in rows for low in [r["difference_ci_low"]])
