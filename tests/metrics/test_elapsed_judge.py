"""Time between events about the same thing, judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError
from support.judging import asked_of_duckdb, assert_same, steady
from support.measuring import one
from support.random_data import Export, local_periods, random_export, thousand_names

from engagement_cli.metrics.elapsed import Parameters

QUERY = """
WITH known AS (SELECT * FROM events WHERE ticket IS NOT NULL AND timestamp < '{known}'),
first_starts AS (SELECT ticket, min(timestamp) AS t FROM known WHERE {start} GROUP BY ticket),
begun AS (
    SELECT f.ticket, t, coalesce(customer, 'ticket ' || f.ticket) AS opener, coalesce(channel, '(none)') AS channel
    FROM first_starts f JOIN known k ON k.ticket = f.ticket AND k.timestamp = t AND {start}
), pairs AS (
    SELECT any_value(opener) AS opener, any_value(b.channel) AS channel, b.ticket, t, min(k.timestamp) AS e
    FROM begun b LEFT JOIN known k ON k.ticket = b.ticket AND k.timestamp >= t AND {end} GROUP BY b.ticket, t
), parts AS (
    SELECT '' AS segments, opener, t, e FROM pairs
    UNION ALL SELECT 'channel=' || channel, opener, t, e FROM pairs WHERE {divided}
), shown AS (
    SELECT s.segments, p.number, p.starts, least(p.ends, '{known}') AS ends
    FROM periods p, (SELECT '' AS segments UNION SELECT segments FROM parts) s
    WHERE p.ends > '{since}' AND p.starts < '{until}'
), placed AS (
    SELECT s.segments, s.number, b.opener, b.t, b.e, epoch(e) - epoch(t) AS seconds FROM shown s
    LEFT JOIN parts b ON b.segments = s.segments AND {when} >= s.starts AND {when} < s.ends
        AND {when} >= '{since}' AND {when} < '{until}'
), openers AS (
    SELECT segments, number, opener, count(*) AS p, count(e) AS d, count(*) FILTER (seconds <= {limit}) AS w,
        coalesce(sum(seconds), 0) AS s
    FROM placed WHERE opener IS NOT NULL GROUP BY ALL
), ratios AS (
    SELECT segments, number, sum(w) / sum(p) AS r, count(*) AS n, sum(p) AS y,
        sum(s) / nullif(sum(d), 0) AS m, count(*) FILTER (d > 0) AS nd, sum(d) AS yd
    FROM openers GROUP BY ALL
), intervals AS (
    SELECT segments, number,
        1.959963984540054 * sqrt(sum((w - r * p) ** 2) * any_value(n) / nullif(any_value(n) - 1, 0))
            / any_value(y) AS half,
        1.959963984540054 * sqrt(sum((s - m * d) ** 2) * any_value(nd) / nullif(any_value(nd) - 1, 0))
            / any_value(yd) AS half_mean
    FROM openers JOIN ratios USING (segments, number) GROUP BY ALL
), stock AS (
    SELECT s.segments, s.number, count(t) AS open_at_end,
        count(*) FILTER (epoch(t) + {limit} < epoch(s.ends)) AS overdue_at_end
    FROM shown s LEFT JOIN parts b ON b.segments = s.segments AND t < s.ends AND (e IS NULL OR e >= s.ends)
    GROUP BY ALL
), orphans AS (
    SELECT f FROM (SELECT ticket, min(timestamp) AS f FROM known WHERE {end} GROUP BY ticket) o
    LEFT JOIN first_starts USING (ticket) WHERE (t IS NULL OR t > f) AND f >= '{since}' AND f < '{until}'
), unmatched AS (
    SELECT number, count(f) AS ends_without_start FROM shown LEFT JOIN orphans ON f >= starts AND f < ends
    WHERE segments = '' GROUP BY ALL
), counted AS (
    SELECT segments, number, count(t) AS pairs, count(e) AS ended, count(t) - count(e) AS open,
        count(DISTINCT opener) AS customers,
        count(*) FILTER (t IS NOT NULL AND e IS NULL AND epoch('{as_of}'::TIMESTAMP) - epoch(t) > {limit}) AS overdue,
        avg(seconds) AS mean_seconds, quantile_cont(seconds, 0.5) AS median_seconds,
        quantile_cont(seconds, 0.9) AS p90_seconds,
        count(*) FILTER (seconds <= {limit}) / nullif(count(t), 0) AS within_share,
        count(e) / nullif(count(t), 0) AS ended_share
    FROM placed GROUP BY ALL
)
SELECT counted.* EXCLUDE (number), open_at_end, overdue_at_end,
    CASE WHEN segments = '' THEN ends_without_start END AS ends_without_start,
    CASE WHEN half > 1e-9 THEN greatest(within_share - half, 0) END AS within_share_ci_low,
    CASE WHEN half_mean > 1e-6 THEN mean_seconds + half_mean END AS mean_seconds_ci_high
FROM counted JOIN stock USING (segments, number) JOIN unmatched USING (number)
    LEFT JOIN intervals USING (segments, number)
ORDER BY segments, number
"""


def _with_tickets(export: Export, dice: random.Random, start: tuple[str, ...]) -> Export:
    """Events about some tickets; no ticket is begun twice at once, as it would be chance who began it."""
    names = [None, *(f"t{n:02}" for n in range(dice.choice([1, 12, 40])))]
    events = export.events.with_columns(ticket=pl.Series([dice.choice(names) for _ in range(export.events.height)]))
    begins = pl.col("event").is_in(start) & pl.col("ticket").is_not_null()
    return Export(events.filter(~begins | pl.struct("ticket", "timestamp", begins).is_first_distinct()), export.zone)


@pytest.mark.parametrize("seed", range(16))
def test_elapsed_times_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    start, end = dice.choice([(("a",), ("b",)), (("a", "c"), ("b",)), (("a",), ("a", "b"))])
    export = random_export(dice, rows=1200 if seed == 0 else 250, names=names, customers=1 if seed == 1 else 8)
    export = _with_tickets(export, dice, start)
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    since = first + dice.choice([timedelta(), timedelta(days=3, hours=5)])
    until = last + dice.choice([timedelta(seconds=1), timedelta(days=-6, hours=2)])
    as_of = max(until, last + timedelta(days=dice.choice([-4, 0])))
    every, limit = (
        dice.choice(["hour", "day", "week", "month"] if seed else ["week"]),
        dice.choice([3600, 86_400, 400_000]),
    )
    placed, by = dice.choice(["start", "end"]), dice.random() < 0.5
    entry: dict[str, Any] = {"type": "elapsed", "start": list(start), "end": list(end), "key": "ticket"}
    entry |= {"limit": f"{limit}s", "every": every, "period": placed, **({"by": ["channel"]} if by else {})}
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    found = steady(entry, export, asked, dice)
    said = {
        "start": f"event IN {start}".replace(",)", ")"),
        "end": f"event IN {end}".replace(",)", ")"),
        "when": "b.t" if placed == "start" else "b.e",
        "divided": by,
        "limit": limit,
        "since": since.replace(tzinfo=None),
        "until": until.replace(tzinfo=None),
        "known": max(until, as_of).replace(tzinfo=None),
        "as_of": as_of.replace(tzinfo=None),
    }
    tables = {"events": export.events, "periods": local_periods(export.zone, every, since, until)}
    utc = pl.col(pl.Datetime("us", "UTC"))
    naive = {name: table.with_columns(utc.dt.replace_time_zone(None)) for name, table in tables.items()}
    assert_same(found.view.table.to_dicts(), asked_of_duckdb(QUERY.format(**said), **naive))


def test_what_stands_for_the_metric_is_what_measure_says() -> None:
    dice = random.Random(3)
    export = _with_tickets(random_export(dice), dice, ("a",))
    entry = {"type": "elapsed", "start": "a", "end": "b", "key": "ticket", "limit": "6h", "every": "total"}
    table = one(entry, events=export.events).view.table
    columns = {"median": "median_seconds", "mean": "mean_seconds", "p90": "p90_seconds", "within_limit": "within_share"}
    columns |= {"ended": "ended_share", "open": "open_at_end", "overdue": "overdue_at_end"}
    for measure, column in columns.items():
        found = one(entry | {"measure": measure}, events=export.events)
        assert found.view.measures[0].column == column
        assert found.rows["value"][0] == table[column][0]


def test_without_a_limit_nothing_is_said_of_one() -> None:
    export = _with_tickets(random_export(random.Random(3)), random.Random(3), ("a",))
    found = one({"type": "elapsed", "start": "a", "end": "b", "key": "ticket"}, events=export.events)
    assert not {"within_share", "overdue", "overdue_at_end"} & set(found.view.columns)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"measure": "overdue"}, "needs limit:"),
        ({"measure": "within_limit"}, "needs limit:"),
        ({"measure": "ended", "period": "end"}, "goes with period: start"),
    ],
)
def test_measures_that_cannot_be_are_refused(wrong: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Parameters.model_validate({"type": "elapsed", "start": "a", "end": "b", "key": "t", **wrong})
