"""Funnels judged on random exports: by SQL from the definition, and by plain Python that tries every attempt."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from statistics import fmean, median
from typing import Any

import polars as pl
import pytest
from kernels.brute_force import Attempt, Event, Question, funnel
from support.judging import asked_of_duckdb, assert_same, steady
from support.random_data import Export, local_periods, random_export, thousand_names

from engagement_cli.timeline.hashing import HASH_SEED

QUERY = """
WITH rows AS (
    SELECT customer, timestamp AS t, CASE {steps} END AS step, event IN ({excluded}) AS excluded
    FROM events WHERE customer IS NOT NULL AND {filter}
), entries AS (
    SELECT DISTINCT number AS period, customer, t AS t1, t + INTERVAL {window} SECOND AS closes
    FROM rows JOIN periods ON t >= starts AND t < ends WHERE step = 1 AND t >= '{since}' AND t < '{until}'
), second AS (
    SELECT e.*, min(r.t) AS t2 FROM entries e
    LEFT JOIN rows r ON r.customer = e.customer AND r.step = 2 AND r.t >= t1 AND r.t <= closes GROUP BY ALL
), third AS (
    SELECT s.*, min(r.t) AS t3 FROM second s
    LEFT JOIN rows r ON r.customer = s.customer AND r.step = 3 AND r.t >= t2 AND r.t <= closes GROUP BY ALL
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY period, customer ORDER BY {deepest} t1) AS place FROM third
), chosen AS (
    SELECT * FROM ranked c WHERE place = 1 AND NOT EXISTS (
        SELECT 1 FROM rows x WHERE x.customer = c.customer AND x.excluded AND x.t > t1
        AND CASE WHEN t3 IS NULL THEN x.t <= closes ELSE x.t < t3 END)
), long AS (
    SELECT period, customer, closes, 1 AS step, t1 AS t, NULL AS prior, t1 FROM chosen
    UNION ALL SELECT period, customer, closes, 2, t2, t1, t1 FROM chosen WHERE t2 IS NOT NULL
    UNION ALL SELECT period, customer, closes, 3, t3, t2, t1 FROM chosen WHERE t3 IS NOT NULL
), counted AS (
    SELECT number, s.step, count(customer) AS customers,
        quantile_cont(epoch(t) - epoch(prior), 0.5) AS median_seconds, avg(epoch(t) - epoch(prior)) AS mean_seconds
    FROM periods CROSS JOIN (SELECT unnest([1, 2, 3]) AS step) s
    LEFT JOIN long l ON l.period = number AND l.step = s.step
    WHERE ends > '{since}' AND starts < '{until}' GROUP BY number, s.step
)
SELECT step, customers, median_seconds, mean_seconds,
    customers / nullif(first(customers) OVER w, 0) AS conversion_from_start,
    customers / nullif(coalesce(lag(customers) OVER w, customers), 0) AS conversion_from_previous,
    (SELECT count(*) FROM chosen c WHERE c.period = number AND closes >= '{as_of}') AS open
FROM counted WINDOW w AS (PARTITION BY number ORDER BY step) ORDER BY number, step
"""


def bounds(dice: random.Random, export: Export) -> tuple[datetime, datetime, datetime]:
    """since, until and as_of."""
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    since = first + dice.choice([timedelta(), timedelta(days=2, hours=5)])
    until = dice.choice([last + timedelta(seconds=1), last - timedelta(days=6, hours=3)])
    return since, until, dice.choice([until, until - timedelta(hours=7), last + timedelta(days=2)])


@pytest.mark.parametrize("seed", range(12))
def test_sequential_funnels_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(200 + seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    export = random_export(dice, names=names, rows=800 if seed == 0 else 150, customers=1 if seed == 1 else 12)
    present = sorted(set(export.events["event"].to_list()))
    steps = [["a"], ["b"], ["c"]] if seed else [present[0:200:2], present[1:200:2], present[200:300]]
    since, until, as_of = bounds(dice, export)
    every, window = dice.choice(["total", "day", "week"]), dice.choice([3600, 86_400, 5 * 86_400])
    entry: dict[str, Any] = {"type": "funnel", "steps": steps, "window": f"{window}s", "every": every}
    entry["reentry"] = dice.choice(["any", "first"])
    clause = "TRUE"
    if dice.random() < 0.3:
        entry["where"] = clause = "channel = 'web'"
    if excluding := dice.random() < 0.4:
        entry["exclude"] = [{"events": ["x", "never seen"]}]
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    found = steady(entry, export, asked, dice)
    said = {
        "steps": " ".join(f"WHEN event IN ({quoted(step)}) THEN {n}" for n, step in enumerate(steps, 1)),
        "excluded": "'x'" if excluding else "NULL",
        "filter": clause,
        "window": window,
        "since": since,
        "until": until,
        "as_of": as_of,
        "deepest": "t3 IS NULL, t2 IS NULL, " if entry["reentry"] == "any" else "",
    }
    whole = pl.DataFrame({"number": [0], "starts": [since], "ends": [until]})
    periods = whole if every == "total" else local_periods(export.zone, every, since, until)
    expected = asked_of_duckdb(QUERY.format(**said), events=export.events, periods=periods)
    assert_same(found.view.table.to_dicts(), expected)


def quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


# Steps that overlap and repeat; what each of them takes, by event name.
STEPS: tuple[tuple[str, ...], ...] = (("a", "b"), ("b",), ("a", "c"))


def told(export: Export, hold: bool, web_only: bool, distinct: bool) -> list[Event]:
    """The rows as plain Python knows them, in seconds; held values are numbered as the program orders them.

    With `distinct`, rows of a customer that meet the same steps with one channel are one, the first of them.
    """
    rows = export.events.filter(pl.col("customer").is_not_null())
    if web_only:
        rows = rows.filter(pl.col("channel") == "web")
    ranked = rows["basket"].drop_nulls().unique().sort()
    order = ranked.gather(ranked.hash(HASH_SEED).arg_sort()).to_list()
    seen: set[tuple[Any, ...]] = set()
    events = [
        Event(
            customer=int(row["customer"]),
            time=int(row["timestamp"].timestamp()),
            mask=sum(1 << number for number, names in enumerate(STEPS) if row["event"] in names),
            held=order.index(row["basket"]) if row["basket"] is not None else -1,
            excluding=row["event"] == "x",
        )
        for row in rows.sort("timestamp").to_dicts()
        if not (distinct and repeated(row, seen))
    ]
    return sorted((e for e in events if not hold or e.held >= 0), key=lambda e: (e.customer, e.time))


def repeated(row: dict[str, Any], seen: set[tuple[Any, ...]]) -> bool:
    """Whether a row meets steps that a row of the customer with the same channel met before it."""
    steps = tuple(row["event"] in names for names in STEPS)
    if not any(steps) or row["channel"] is None:
        return False
    key = (row["customer"], steps, row["channel"])
    return key in seen or bool(seen.add(key))


def expected_rows(counted: dict[int, Attempt], window: int, as_of: int) -> list[dict[str, Any]]:
    attempts, rows = list(counted.values()), []
    for step in range(1, len(STEPS) + 1):
        reached = [a.times for a in attempts if a.depth >= step]
        since_previous = [times[step - 1] - times[step - 2] for times in reached] if step > 1 else []
        since_start = [times[step - 1] - times[0] for times in reached] if step > 1 else []
        rows.append(
            {
                "step": step,
                "customers": len(reached),
                "open": sum(a.times[0] + window >= as_of for a in attempts),
                "median_seconds": median(since_previous) if since_previous else None,
                "mean_seconds": fmean(since_previous) if since_previous else None,
                "median_seconds_from_start": median(since_start) if since_start else None,
                "mean_seconds_from_start": fmean(since_start) if since_start else None,
            }
        )
    return rows


@pytest.mark.parametrize("seed", range(30))
def test_every_option_is_as_plain_python_has_it(seed: int) -> None:
    dice = random.Random(seed)
    export = random_export(dice, rows=26, customers=4, days=dice.choice([1, 4]), names=("a", "b", "c", "x", "y"))
    since, until, as_of = bounds(dice, export)
    until = max(until, since + timedelta(hours=4))
    every, window = dice.choice(["total", "total", "day"]), dice.choice([7200, 86_400])
    hold, web_only = dice.random() < 0.4, dice.random() < 0.3
    exclusions = dice.choice([(), (), ((1, 3),), ((1, 2), (2, 3))])
    entry: dict[str, Any] = {
        "type": "funnel",
        "steps": [list(names) for names in STEPS],
        "window": f"{window}s",
        "order": ("sequential", "strict", "any")[seed % 3],
        "reentry": dice.choice(["any", "first"]),
        "exclude": [f"x:{first}:{last}" for first, last in exclusions],
        "every": every,
    }
    entry |= {"hold": "basket"} if hold else {}
    distinct = dice.random() < 0.3
    entry |= {"distinct": "channel"} if distinct else {}
    entry |= {"where": "channel = 'web'"} if web_only else {}
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    found = steady(entry, export, asked, dice)
    events = told(export, hold, web_only, distinct)
    spans = [(since, until)]
    if every != "total":
        periods = local_periods(export.zone, every, since, until).filter(
            pl.col("ends") > since, pl.col("starts") < until
        )
        spans = [(max(row["starts"], since), min(row["ends"], until)) for row in periods.to_dicts()]
    rows, dropped = [], 0
    for begin, end in spans:
        question = Question(
            steps=len(STEPS),
            window=window,
            order=entry["order"],
            reentry=entry["reentry"],
            since=int(begin.timestamp()),
            until=int(end.timestamp()),
            hold=hold,
            exclusions=exclusions,
        )
        counted, lost = funnel(events, question)
        rows += expected_rows(counted, window, int(as_of.timestamp()))
        dropped += lost
    assert_same(found.view.table.to_dicts(), rows)
    assert found.view.totals == ({"dropped": dropped} if exclusions else {})


def test_segments_of_entrants_add_up() -> None:
    dice = random.Random(11)
    export = random_export(dice)
    entry = {"type": "funnel", "steps": ["a", "b"], "by": ["channel"], "every": "week"}
    table = steady(entry, export, {}, dice).view.table
    whole = table.filter(segments="")
    parts = table.filter(pl.col("segments") != "").group_by("period_start", "step", maintain_order=True)
    assert parts.agg(pl.col("customers").sum())["customers"].to_list() == whole["customers"].to_list()
