"""Time until the next event, judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from support.judging import asked_of_duckdb, assert_same, steady
from support.random_data import local_periods, random_export, thousand_names

Z = "1.959963984540054"
QUERY = """
WITH marked AS (
    SELECT *, d.number AS day, lag(timestamp) OVER w AS before, lag(d.number) OVER w AS day_before
    FROM events JOIN days d ON timestamp >= d.starts AND timestamp < d.ends
    WHERE customer IS NOT NULL AND {counted}
    WINDOW w AS (PARTITION BY customer ORDER BY timestamp)
), numbered AS (
    SELECT *, sum(CASE WHEN before IS NULL OR timestamp - before > INTERVAL {gap} SECOND
                            OR ({split} AND day <> day_before) THEN 1 ELSE 0 END)
        OVER (PARTITION BY customer ORDER BY timestamp) AS cut
    FROM marked
), visits AS (SELECT *, {key} AS visit FROM numbered),
instants AS (
    SELECT customer, visit, timestamp, epoch(lead(timestamp) OVER (PARTITION BY customer, visit ORDER BY timestamp))
        - epoch(timestamp) AS seconds
    FROM (SELECT DISTINCT customer, visit, timestamp FROM visits)
), chosen AS (
    SELECT v.customer, v.timestamp, coalesce(v.channel, '(none)') AS channel, seconds
    FROM visits v JOIN instants USING (customer, visit, timestamp)
    WHERE {wanted} AND v.timestamp >= '{since}' AND v.timestamp < '{until}'
), parts AS (
    SELECT '' AS segments, * FROM chosen UNION ALL SELECT 'channel=' || channel, * FROM chosen WHERE {divided}
), shown AS (
    SELECT segments, number, starts, ends FROM periods, (SELECT '' AS segments UNION SELECT segments FROM parts)
    WHERE ends > '{since}' AND starts < '{until}'
), placed AS (
    SELECT s.segments, s.number, p.customer, p.seconds FROM shown s
    LEFT JOIN parts p ON p.segments = s.segments AND p.timestamp >= s.starts AND p.timestamp < s.ends
), people AS (
    SELECT segments, number, customer, coalesce(sum(seconds), 0) AS s, count(seconds) AS t, count(*) AS e
    FROM placed WHERE customer IS NOT NULL GROUP BY ALL
), means AS (
    SELECT segments, number, sum(s) / nullif(sum(t), 0) AS m, count(*) FILTER (t > 0) AS n, sum(s) / count(*) AS c,
        sum(e - t) / sum(e) AS l, count(*) AS all_n
    FROM people GROUP BY ALL
), halves AS (
    SELECT segments, number,
        {z} * sqrt(sum((s - m * t) ** 2) * any_value(n) / nullif(any_value(n) - 1, 0)) / sum(t) AS of_mean,
        {z} * sqrt(sum((s - c) ** 2) * any_value(all_n) / nullif(any_value(all_n) - 1, 0))
            / any_value(all_n) AS of_each,
        {z} * sqrt(sum((e - t - l * e) ** 2) * any_value(all_n) / nullif(any_value(all_n) - 1, 0)) / sum(e) AS of_last
    FROM people JOIN means USING (segments, number) GROUP BY ALL
), counted AS (
    SELECT segments, number, count(customer) AS events, count(seconds) AS timed_events,
        count(DISTINCT customer) AS customers, coalesce(sum(seconds), 0) AS seconds, avg(seconds) AS mean_seconds,
        quantile_cont(seconds, 0.5) AS median_seconds,
        coalesce(sum(seconds), 0) / nullif(count(DISTINCT customer), 0) AS seconds_per_customer,
        (count(customer) - count(seconds)) / nullif(count(customer), 0) AS last_share
    FROM placed GROUP BY ALL
)
SELECT counted.* EXCLUDE (number),
    CASE WHEN of_mean > 1e-6 THEN mean_seconds - of_mean END AS mean_seconds_ci_low,
    CASE WHEN of_each > 1e-6 THEN seconds_per_customer + of_each END AS seconds_per_customer_ci_high,
    CASE WHEN of_last > 1e-9 THEN least(last_share + of_last, 1) END AS last_share_ci_high
FROM counted LEFT JOIN halves USING (segments, number) ORDER BY segments, number
"""


@pytest.mark.parametrize("seed", range(14))
def test_times_spent_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    export = random_export(dice, rows=1500 if seed == 0 else 200, names=names, customers=1 if seed == 1 else 8)
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    since = first + dice.choice([timedelta(), timedelta(days=3, hours=5)])
    until = last + dice.choice([timedelta(seconds=1), timedelta(days=-4, hours=2)])
    every = dice.choice(["hour", "day", "week", "month"] if seed else ["week"])
    gap = dice.choice([3600, 7200, 14_400, 40_000])
    exported, excluding, split = dice.random() < 0.25, dice.random() < 0.4, dice.random() < 0.4
    entry: dict[str, Any] = {"type": "time_spent", "events": ["a", "b"], "every": every}
    counted, wanted = ["TRUE"], "v.event IN ('a', 'b')"
    if dice.random() < 0.5:
        entry["by"] = ["channel"]
    if dice.random() < 0.3:
        entry["events"], wanted = {"events": ["a", "b"], "where": "channel = 'web'"}, f"{wanted} AND v.channel = 'web'"
    if excluding:
        entry["exclude"] = ["x", "never seen"]
        counted.append("event <> 'x'")
    if dice.random() < 0.3:
        entry["where"] = "value IS NOT NULL"
        counted.append("value IS NOT NULL")
    if exported:
        entry["session"] = "basket"
        counted.append("basket IS NOT NULL")
    else:
        entry |= {"gap": f"{gap}s", "split_midnight": split}
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": until.isoformat()}
    found = steady(entry, export, asked, dice)
    sql = QUERY.format(
        counted=" AND ".join(counted),
        wanted=wanted,
        gap=gap,
        split=split,
        key="basket" if exported else "cut",
        divided="by" in entry,
        since=since,
        until=until,
        z=Z,
    )
    tables = {
        "events": export.events,
        "periods": local_periods(export.zone, every, since, until),
        "days": local_periods(export.zone, "day", first, last),
    }
    assert_same(found.view.table.to_dicts(), asked_of_duckdb(sql, **tables))
