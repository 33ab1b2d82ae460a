"""Sessions judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from support.judging import asked_of_duckdb, assert_same, steady
from support.random_data import local_periods, random_export, thousand_names

QUERY = """
WITH marked AS (
    SELECT customer, channel, event, timestamp AS t, d.number AS day,
        coalesce({session}, '') AS exported,
        lag(timestamp) OVER w AS before, lag(d.number) OVER w AS day_before
    FROM events JOIN days d ON timestamp >= d.starts AND timestamp < d.ends
    WHERE customer IS NOT NULL AND {counted}
    WINDOW w AS (PARTITION BY customer ORDER BY timestamp)
), numbered AS (
    SELECT *, sum(CASE WHEN before IS NULL OR t - before > INTERVAL {gap} SECOND OR ({split} AND day <> day_before)
                       THEN 1 ELSE 0 END) OVER (PARTITION BY customer ORDER BY t) AS cut
    FROM marked
), sessions AS (
    SELECT customer, min(t) AS began, epoch(max(t)) - epoch(min(t)) AS seconds, count(*) AS events
    FROM numbered GROUP BY customer, {key}
), placed AS (
    SELECT p.number, s.* FROM periods p
    LEFT JOIN sessions s ON began >= p.starts AND began < p.ends AND began >= '{since}' AND began < '{until}'
    WHERE p.ends > '{since}' AND p.starts < '{until}'
)
SELECT count(customer) AS sessions, count(DISTINCT customer) AS customers,
    count(customer) / nullif(count(DISTINCT customer), 0) AS sessions_per_customer,
    avg(seconds) AS mean_seconds, quantile_cont(seconds, 0.5) AS median_seconds, avg(events) AS events_per_session,
    count(*) FILTER (events = 1) AS single_event_sessions,
    count(*) FILTER (events = 1) / nullif(count(customer), 0) AS single_event_share,
    sum(seconds) / nullif(count(DISTINCT customer), 0) AS seconds_per_customer
FROM placed GROUP BY {by} ORDER BY {by}
"""


@pytest.mark.parametrize("seed", range(14))
def test_sessions_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    export = random_export(dice, names=names, customers=1 if seed == 1 else 8)
    times = export.events["timestamp"]
    first, last = times.min(), times.max()
    since = first + dice.choice([timedelta(), timedelta(days=3, hours=5)])
    until = last + dice.choice([timedelta(seconds=1), timedelta(days=-4, hours=2)])
    every = dice.choice(["hour", "day", "week", "month"] if seed else ["week"])
    gap = dice.choice([1800, 3600, 7200, 14_400])
    exported, excluding, split = dice.random() < 0.25, dice.random() < 0.4, dice.random() < 0.4
    entry: dict[str, Any] = {"type": "sessions", "every": every}
    counted = ["TRUE"]
    if excluding:
        entry["exclude"] = ["x", "never seen"]
        counted.append("event <> 'x'")
    if dice.random() < 0.4:
        entry["events"], entry["where"] = ["a", "b", "x"], "channel = 'web'"
        counted.append("event IN ('a', 'b', 'x') AND channel = 'web'")
    if exported:
        entry["session"] = "basket"
        counted.append("basket IS NOT NULL")
    else:
        entry |= {"gap": f"{gap}s", "split_midnight": split}
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": until.isoformat()}
    found = steady(entry, export, asked, dice)
    said = {
        "session": "basket",
        "counted": " AND ".join(counted),
        "gap": gap,
        "split": split,
        "key": "exported" if exported else "cut",
        "since": since,
        "until": until,
    }
    tables = {
        "events": export.events,
        "periods": local_periods(export.zone, every, since, until),
        "days": local_periods(export.zone, "day", first, last),
    }
    assert_same(found.view.table.to_dicts(), asked_of_duckdb(QUERY.format(**said, by="number"), **tables))
    # The totals are the same question with the whole range as the only period.
    whole = asked_of_duckdb(QUERY.format(**said, by="number IS NULL"), **tables)
    assert_same([dict(found.view.totals)], whole)


def test_segments_of_sessions_add_up() -> None:
    dice = random.Random(5)
    export = random_export(dice)
    found = steady({"type": "sessions", "every": "week", "by": ["channel"]}, export, {}, dice)
    table = found.view.table.to_dicts()
    everybody = {row["period_start"]: row["sessions"] for row in table if row["segments"] == ""}
    for start, sessions in everybody.items():
        parts = [r["sessions"] for r in table if r["segments"] and r["period_start"] == start]
        assert sum(parts) == sessions
