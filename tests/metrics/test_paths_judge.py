"""Paths judged on random exports: DuckDB numbers sessions and steps and looks beside each, from the definition."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from support.judging import asked_of_duckdb, assert_same, steady
from support.random_data import Export, local_periods, random_export, thousand_names

from engagement_cli.results import Finished

QUERY = """
WITH rows AS (
    SELECT customer, timestamp AS t, event, channel FROM events
    WHERE customer IS NOT NULL AND {filter} AND event NOT IN ('', {excluded})
), gaps AS (
    SELECT *, lag(t) OVER w IS NULL OR t - lag(t) OVER w > INTERVAL {gap} SECOND AS opens
    FROM rows WINDOW w AS (PARTITION BY customer ORDER BY t, event, channel NULLS FIRST)
), stretches AS (
    SELECT *, sum(opens::INT) OVER (PARTITION BY customer ORDER BY t, event, channel NULLS FIRST
        ROWS UNBOUNDED PRECEDING) AS stretch FROM gaps
), changes AS (
    SELECT *, row_number() OVER w AS place, {apart} OR lag(event) OVER w IS DISTINCT FROM event AS changed
    FROM stretches WINDOW w AS (PARTITION BY customer, stretch ORDER BY t, event, channel NULLS FIRST)
), numbered AS (
    SELECT *, sum(changed::INT) OVER (PARTITION BY customer, stretch ORDER BY place) AS step FROM changes
), steps AS (
    SELECT customer, stretch, step, first(event) AS event, min(t) AS begins, max(t) AS ends,
        arg_min(channel, place) AS channel FROM numbered GROUP BY customer, stretch, step
), anchors AS (
    SELECT *, row_number() OVER (PARTITION BY customer, event ORDER BY stretch, step) AS nth FROM steps
    WHERE {anchor}
), asked AS (
    SELECT a.*, number AS period FROM anchors a JOIN periods p ON begins >= p.starts AND begins < p.ends_at
    WHERE begins >= '{since}' AND begins < '{until}' AND {wanted}
), beside AS (
    SELECT a.period, a.customer, a.stretch, a.step, a.event, a.channel,
        list(s.event ORDER BY s.step) FILTER (s.event IS NOT NULL) AS nodes,
        max({seconds}) AS seconds, max(s.ends) AS latest, a.ends AS ends
    FROM asked a LEFT JOIN steps s ON s.customer = a.customer AND s.stretch = a.stretch AND {near}
    GROUP BY ALL
), paths AS (
    SELECT *, array_to_string({path}, chr(31)) AS path,
        ended AND {forward} AND {waits} + INTERVAL {gap} SECOND >= '{as_of}' AS open
    FROM (SELECT *, coalesce(len(nodes), 0) < {depth} AS ended FROM beside)
), everybody AS (
    SELECT '' AS segments, * FROM paths UNION ALL
    SELECT 'channel=' || coalesce(channel, '(none)'), * FROM paths WHERE {divided}
), out_of AS (
    SELECT segments, period, event, count(*) AS occurrences, count(DISTINCT customer) AS of_customers,
        sum(open::INT) AS open FROM everybody GROUP BY ALL
), taken AS (
    SELECT segments, period, event, path, count(*) AS count, count(DISTINCT customer) AS customers,
        median(seconds) AS median_seconds FROM everybody GROUP BY ALL
), ranked AS (
    SELECT path, event, count(*) AS times FROM everybody WHERE segments = '' GROUP BY path, event
    ORDER BY times DESC, path LIMIT {top}
), grid AS (
    SELECT * FROM (SELECT DISTINCT segments FROM everybody UNION SELECT '')
    CROSS JOIN (SELECT number AS period FROM periods WHERE ends_at > '{since}' AND starts < '{until}')
    CROSS JOIN ranked
)
SELECT segments, replace(replace(path, chr(31), ' → '), chr(30), '{word}') AS path, event,
    coalesce(count, 0) AS count, coalesce(occurrences, 0) AS occurrences,
    coalesce(customers, 0) AS customers, coalesce(of_customers, 0) AS of_customers, coalesce(open, 0) AS open,
    coalesce(count, 0) / occurrences AS share, median_seconds
FROM grid LEFT JOIN out_of USING (segments, period, event) LEFT JOIN taken USING (segments, period, event, path)
ORDER BY segments, period, times DESC, grid.path
"""


@pytest.mark.parametrize("seed", range(24))
def test_paths_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(400 + seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    export = random_export(dice, names=names, rows=1500 if seed == 0 else 200, customers=1 if seed == 1 else 9)
    way = ("", "from", "to")[seed % 3]
    gap, depth = dice.choice([1800, 7200, 86_400]), dice.choice([1, 2, 4]) if way else 1
    entry: dict[str, Any] = {"type": "paths", "every": dice.choice(["total", "day", "week"])}
    entry |= {way: "a", "depth": depth} if way else {}
    windowed = dice.random() < 0.4
    entry |= {"window": f"{gap}s"} if windowed else {"gap": f"{gap}s"}
    entry["repeats"] = dice.choice(["collapse", "keep"])
    entry["entry"] = dice.choice(["recurring", "recurring", "first_time"])
    entry["top"] = dice.choice([3, 100])
    clause = "TRUE"
    if dice.random() < 0.3:
        entry["where"] = clause = "channel = 'web'"
    if excluded := dice.random() < 0.3:
        entry["exclude"] = "x"
    if divided := dice.random() < 0.4:
        entry["by"] = ["channel"]
    since, until, as_of = bounds(dice, export)
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    found = steady(entry, export, asked, dice)
    back = way == "to"
    near = (
        f"s.step BETWEEN a.step - {depth} AND a.step - 1" if back else f"s.step BETWEEN a.step + 1 AND a.step + {depth}"
    )
    apart = "a.begins - s.ends" if back else "s.begins - a.ends"
    if windowed:
        near += f" AND {apart} <= INTERVAL {gap} SECOND"
    parts = ["[event]", "coalesce(nodes, [])", "CASE WHEN ended THEN [chr(30)] ELSE [] END"]
    said = {
        "filter": clause,
        "excluded": "'x'" if excluded else "''",
        "gap": gap,
        "apart": "TRUE" if entry["repeats"] == "keep" else "FALSE",
        "anchor": "event = 'a'" if way else "TRUE",
        "wanted": "nth = 1" if entry["entry"] == "first_time" else "TRUE",
        "seconds": f"epoch({apart})",
        "near": near,
        "depth": depth,
        "path": " || ".join(reversed(parts) if back else parts),
        "word": "(start)" if back else "(exit)",
        "forward": "FALSE" if back else "TRUE",
        "waits": "ends" if windowed else "coalesce(latest, ends)",
        "divided": "TRUE" if divided else "FALSE",
        "top": entry["top"],
        "since": since,
        "until": until,
        "as_of": as_of,
    }
    whole_range = pl.DataFrame({"number": [0], "starts": [since], "ends": [until]})
    periods = whole_range if entry["every"] == "total" else local_periods(export.zone, entry["every"], since, until)
    periods = periods.rename({"ends": "ends_at"})
    expected = asked_of_duckdb(QUERY.format(**said), events=export.events, periods=periods)
    assert_same(found.view.table.to_dicts(), expected)
    exits_add_up(found, way)


def exits_add_up(found: Finished, way: str) -> None:
    """Exits are at most occurrences, and their shares add up to one where none is left out."""
    rows = found.view.totals["starts" if way == "to" else "exits"]
    word = "start" if way == "to" else "exit"
    assert all(row[f"{word}s"] <= row["occurrences"] for row in rows)
    if rows and len(rows) < 10:
        assert sum(row[f"{word}_share"] for row in rows) == pytest.approx(1)


def bounds(dice: random.Random, export: Export) -> tuple[datetime, datetime, datetime]:
    """since, until and as_of."""
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    since = first + dice.choice([timedelta(), timedelta(days=2, hours=5)])
    until = dice.choice([last + timedelta(seconds=1), last - timedelta(days=6, hours=3)])
    return since, until, dice.choice([until, until - timedelta(hours=7), last + timedelta(days=2)])
