"""Aggregates judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from support.aggregates import AskedRange, random_range
from support.judging import asked_of_duckdb, assert_same
from support.measuring import one
from support.random_data import Export, random_export, thousand_names
from support.random_tables import countries

from engagement_cli.engines.plan import Limits
from engagement_cli.errors import ExitCode, UserError

CENTS = "CAST(round(value, 6) AS DECIMAL(18, 6))"
# What is counted, and as SQL; whatever counts is 0 without rows, whatever is looked at is null.
OPERATIONS: dict[str, tuple[dict[str, str], str]] = {
    "rows": ({"count": "rows"}, "count(self)"),
    "events": ({"count": "events"}, "count(self)"),
    "customers": ({"count": "customers"}, "count(DISTINCT customer)"),
    "orders": ({"count": "orders"}, 'count(DISTINCT "order")'),
    "sum": ({"sum": "value"}, f"coalesce(sum({CENTS}), 0)"),
    "mean": ({"mean": "value"}, f"avg({CENTS}::DOUBLE)"),
    "median": ({"median": "value"}, f"quantile_cont({CENTS}::DOUBLE, 0.5)"),
    "max": ({"max": "value"}, f"max({CENTS})"),
    "distinct": ({"distinct": "channel"}, "count(DISTINCT channel)"),
    "names": ({"distinct": "event"}, "count(DISTINCT event)"),
}
# A segment is there where it has any contribution in the range.
NEEDS = {
    "customers": "customer IS NOT NULL",
    "orders": '"order" IS NOT NULL',
    "distinct": "channel IS NOT NULL",
    **dict.fromkeys(("sum", "mean", "median", "max"), "value IS NOT NULL"),
}
QUERY = """
, counted AS (SELECT * FROM inside WHERE {chosen} AND {needed}),
labels AS (SELECT DISTINCT segments FROM counted UNION SELECT '')
SELECT labels.segments, CAST({measure} AS DOUBLE) AS value, any_value(whole) AS complete
FROM labels CROSS JOIN shown LEFT JOIN counted ON counted.segments = labels.segments AND counted.number = shown.number
GROUP BY labels.segments, shown.number ORDER BY labels.segments, shown.number
"""


def agreed(
    entry: dict[str, Any], export: Export, asked: AskedRange, people: pl.DataFrame, dice: random.Random
) -> list[dict[str, Any]]:
    """The metric's rows, equal in 1 and 7 buckets and with the rows shuffled."""
    given = {"settings": {"timezone": export.zone}, "asked": asked.range, "customers": people}
    found = one(entry, **given, limits=Limits(buckets=1), events=export.events.rename({"basket": "order"}))
    shuffled = export.shuffled(dice).events.rename({"basket": "order"})
    assert found.view.table.equals(one(entry, **given, limits=Limits(buckets=7), events=shuffled).view.table)
    return found.view.table.to_dicts()


@pytest.mark.parametrize("seed", range(30))
def test_aggregates_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    rows = 1_500 if seed == 0 else dice.choice([30, 120, 200])
    export = random_export(dice, rows=rows, names=names, customers=1 if seed == 1 else 8)
    people = countries(dice, 8)
    asked = random_range(dice, export)
    operation = list(OPERATIONS)[seed % len(OPERATIONS)]
    entry, measure = OPERATIONS[operation]
    by = dice.choice([[], ["channel"], ["country"], ["country", "channel"]])
    chosen = "TRUE"
    where: dict[str, Any] = {}
    if dice.random() < 0.5:
        chosen, where = "event IN ('a', 'b', 'x')", {"events": ["a", "b", "x"]}
    if dice.random() < 0.3:
        chosen, where = f"{chosen} AND channel = 'web'", where | {"where": "channel = 'web'"}
    actual = agreed(
        {"type": "aggregate", "every": asked.every, "by": by, **entry, **where}, export, asked, people, dice
    )
    sql = asked.prelude(by) + QUERY.format(chosen=chosen, needed=NEEDS.get(operation, "TRUE"), measure=measure)
    events = export.events.rename({"basket": "order"})
    assert_same(actual, asked_of_duckdb(sql, events=events, customers=people, periods=asked.periods))


SESSIONS = """
, marked AS (
    SELECT *, coalesce("timestamp" - lag("timestamp") OVER w > INTERVAL 30 MINUTE, TRUE) AS opens
    FROM events WHERE customer IS NOT NULL AND event IN ('a', 'b')
    WINDOW w AS (PARTITION BY customer ORDER BY "timestamp")
), opened AS (SELECT number FROM marked JOIN shown ON "timestamp" >= starts AND "timestamp" < ends
    WHERE opens AND "timestamp" >= '{since}' AND "timestamp" < '{until}'
)
SELECT '' AS segments, CAST(count(opened.number) AS DOUBLE) AS value, any_value(whole) AS complete
FROM shown LEFT JOIN opened ON opened.number = shown.number GROUP BY shown.number ORDER BY shown.number
"""


@pytest.mark.parametrize("seed", range(50, 56))
def test_sessions_are_counted_in_the_period_that_they_start(seed: int) -> None:
    dice = random.Random(seed)
    export = random_export(dice, rows=dice.choice([60, 300]), customers=4, days=6)
    asked = random_range(dice, export)
    entry = {"type": "aggregate", "every": asked.every, "count": "sessions", "events": ["a", "b"]}
    people = countries(dice, 4)
    actual = agreed(entry, export, asked, people, dice)
    sql = asked.prelude([]) + SESSIONS.format(since=asked.since, until=asked.until)
    assert_same(actual, asked_of_duckdb(sql, events=export.events, customers=people, periods=asked.periods))


PLANS = """
, counted AS (
    SELECT number, customer, coalesce((
        SELECT max_by(plan, started) FROM subscriptions s
        WHERE s.customer = inside.customer AND started <= starts AND (ended IS NULL OR ended > starts)
    ), '(none)') AS plan
    FROM (SELECT inside.*, starts FROM inside JOIN shown USING (number)) AS inside
    WHERE customer IS NOT NULL
), plans AS (SELECT DISTINCT plan FROM counted)
SELECT 'subscriptions.plan=' || plans.plan AS segments, CAST(count(DISTINCT customer) AS DOUBLE) AS value
FROM plans CROSS JOIN shown LEFT JOIN counted ON counted.plan = plans.plan AND counted.number = shown.number
GROUP BY plans.plan, shown.number ORDER BY segments, shown.number
"""


@pytest.mark.parametrize("seed", range(70, 78))
def test_a_plan_is_the_one_begun_last_of_those_that_run_at_the_period_s_start(seed: int) -> None:
    dice = random.Random(seed)
    export = random_export(dice, rows=200, customers=5)
    first = export.events["timestamp"].min()
    assert first is not None
    spans = []
    for customer in range(5):
        starts = sorted(dice.sample(range(-60 * 24, 20 * 24), dice.choice([0, 1, 3, 5])))
        spans += [
            {
                "customer": f"{customer:03}",
                "plan": dice.choice(["free", "pro", "team"]),
                "started": hour,
                "ended": dice.choice([None, hour + dice.choice([30, 200, 900])]),
            }
            for hour in starts
        ]
    hours = pl.DataFrame(
        spans, schema={"customer": pl.String, "plan": pl.String, "started": pl.Int64, "ended": pl.Int64}
    )
    instants = [(pl.lit(first) + pl.duration(hours=pl.col(c))).alias(c) for c in ("started", "ended")]
    subscriptions = hours.with_columns(instants)
    asked = random_range(dice, export, ("day", "week", "month"))
    entry = {"type": "aggregate", "every": asked.every, "count": "customers", "by": ["subscriptions.plan"]}
    given = {"settings": {"timezone": export.zone}, "asked": asked.range, "subscriptions": subscriptions}
    found = one(entry, **given, limits=Limits(buckets=3), events=export.events).view.table
    people = countries(dice, 5)
    expected = asked_of_duckdb(
        asked.prelude([]) + PLANS,
        **{"events": export.events, "customers": people, "periods": asked.periods, "subscriptions": subscriptions},
    )
    assert_same(found.filter(pl.col("segments") != "").to_dicts(), expected)


def test_an_export_of_nothing_but_rows_of_nobody() -> None:
    events = "customer,event,timestamp,value\n,buy,2025-01-02T10:00:00Z,3\n,buy,2025-01-02T10:00:00Z,4"
    expected = {"events": 2, "customers": 0, "orders": 2, "sum": 7, "mean": 3.5, "median": 3.5, "max": 4, "names": 1}
    for operation, value in expected.items():
        entry = {"type": "aggregate", "every": "day", **OPERATIONS[operation][0]}
        (row,) = one(
            entry, asked={"as_of": "2025-01-03"}, events=events, limits=Limits(buckets=7)
        ).view.table.to_dicts()
        assert row["value"] == value, operation


@pytest.mark.parametrize("rows", ["", "a,buy,never,1"])
def test_an_export_without_a_usable_row_is_empty_not_zero(rows: str) -> None:
    with pytest.raises(UserError) as error:
        one({"type": "aggregate", "count": "events"}, events=f"customer,event,timestamp,value\n{rows}")
    assert error.value.code in (ExitCode.EMPTY, ExitCode.INPUT)
