"""Subscription metrics against SQL written from their definitions, on random subscriptions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import pytest
from support.measuring import measured
from support.random_tables import countries, load, month_bounds, random_subscriptions, shuffled

from engagement_cli.engines.plan import Limits

PLACES = (
    ("UTC", date(2024, 1, 1)),
    ("Europe/Paris", date(2025, 2, 1)),
    ("America/Sao_Paulo", date(2018, 8, 1)),
    ("Asia/Kathmandu", date(2024, 10, 1)),
)
MONTHS = 6
BYS: tuple[tuple[str, ...], ...] = ((), ("subscriptions.plan",), ("customers.country", "subscriptions.plan"))
MEASURES = (
    "retention_rate",
    "churn_rate",
    "net_growth_rate",
    "renewal_rate",
    "mrr",
    "arpu",
    "nrr",
    "grr",
    "trial_conversion_rate",
)

# Who is active with what at every bound; what is there at a period's start, and lost of it, belongs to the segment
# there (s0), what is there at its end, joins or changes, to the segment at the end (s1).
SETUP = """
    CREATE TABLE paid AS
        SELECT *, greatest(started, coalesce(trial_ends, started)) AS begins,
               coalesce(ended, TIMESTAMP '9999-01-01') AS ends
        FROM subs WHERE customer IS NOT NULL;
    CREATE TABLE at_bound AS
        SELECT customer, b.i, CAST(sum(coalesce(mrr, 0)) AS DECIMAL(18, 6)) AS mrr
        FROM paid JOIN bounds b ON begins <= b.t AND b.t < ends GROUP BY ALL;
    CREATE TABLE moments AS
        SELECT customer, t, t AS moment FROM (SELECT DISTINCT customer FROM paid) CROSS JOIN bounds
        UNION SELECT customer, t, t - INTERVAL 1 MICROSECOND FROM terms
        UNION SELECT customer, trial_ends, least(trial_ends, ended) - INTERVAL 1 MICROSECOND FROM subs
              WHERE customer IS NOT NULL AND trial_ends IS NOT NULL;
    CREATE TABLE plan_at AS
        SELECT customer, m.moment,
               max_by({'plan': coalesce(plan, '(none)')}, (started, ends, plan IS NOT NULL, plan)).plan
                                   AS plan
        FROM paid JOIN (SELECT DISTINCT customer, moment FROM moments) m USING (customer)
        WHERE started <= m.moment AND m.moment < ends GROUP BY ALL;
    CREATE TABLE people AS
        SELECT m.customer, m.moment, coalesce(plan, '(none)') AS plan, coalesce(country, '(none)') AS country
        FROM (SELECT DISTINCT customer, moment FROM moments) m
        LEFT JOIN plan_at p ON p.customer = m.customer AND p.moment = m.moment
        LEFT JOIN customers c ON c.customer = m.customer;
    CREATE TABLE labelled AS
        SELECT customer, moment, '' AS segments, 0 AS part FROM people
        UNION ALL SELECT customer, moment, {label}, 1 FROM people WHERE {label} IS NOT NULL;
    CREATE TABLE pairs AS
        SELECT l.segments AS s0, m.segments AS s1, b.i, l.customer, s.mrr AS before, e.mrr AS after,
               coalesce(s.mrr, 0) AS paid0, coalesce(e.mrr, 0) AS paid1,
               before IS NOT NULL AND after IS NOT NULL AND s0 <> s1 AS moves,
               EXISTS (SELECT 1 FROM paid p
                       WHERE p.customer = l.customer AND begins < b.t AND begins < ends AND mrr > 0) AS earlier
        FROM bounds b JOIN bounds n ON n.i = b.i + 1
        JOIN labelled l ON l.moment = b.t
        JOIN labelled m ON m.moment = n.t AND m.customer = l.customer AND m.part = l.part
        LEFT JOIN at_bound s ON s.customer = l.customer AND s.i = b.i
        LEFT JOIN at_bound e ON e.customer = l.customer AND e.i = n.i;
    CREATE TABLE sides AS
        SELECT s0 AS segments, i,
            count(before) AS s, 0 AS e, count(before + after) AS kept, -count(*) FILTER (moves) AS moved,
            sum(before) AS m0, 0 AS m1, 0 AS new, 0 AS reactivation, 0 AS expansion, 0 AS contraction,
            sum(paid0) FILTER (paid0 > 0 AND paid1 = 0) AS churn,
            -sum(paid0) FILTER (moves AND paid0 > 0 AND paid1 > 0) AS moved_money,
            sum(after) FILTER (before IS NOT NULL) AS kept_mrr,
            sum(least(before, after)) FILTER (before IS NOT NULL AND after IS NOT NULL) AS least_mrr
        FROM pairs GROUP BY ALL
        UNION ALL SELECT s1, i, 0, count(after), 0, count(*) FILTER (moves), 0, sum(after),
            sum(paid1) FILTER (paid0 = 0 AND paid1 > 0 AND NOT earlier),
            sum(paid1) FILTER (paid0 = 0 AND paid1 > 0 AND earlier),
            sum(paid1 - paid0) FILTER (paid1 > paid0 AND paid0 > 0),
            sum(paid0 - paid1) FILTER (paid1 < paid0 AND paid1 > 0),
            0, sum(paid0) FILTER (moves AND paid0 > 0 AND paid1 > 0), 0, 0
        FROM pairs GROUP BY ALL;
    CREATE TABLE answers AS SELECT segments, i, {sums} FROM sides GROUP BY ALL;
"""
SUMS = ("s", "e", "kept", "moved", "m0", "m1", "new", "reactivation", "expansion", "contraction", "churn")
SUMS += ("moved_money", "kept_mrr", "least_mrr")
RENEWALS = """
    SELECT l.segments, b.i, count(*) AS due,
           count(*) FILTER (EXISTS (SELECT 1 FROM paid p WHERE p.customer = terms.customer AND begins <= terms.t
                                    AND terms.t < ends)) AS renewed
    FROM terms JOIN bounds b ON b.t <= terms.t JOIN bounds n ON n.i = b.i + 1 AND terms.t < n.t
    JOIN labelled l ON l.customer = terms.customer AND l.moment = terms.t - INTERVAL 1 MICROSECOND GROUP BY ALL
"""
TRIALS = """
    SELECT l.segments, i, count(*) AS trials, count(*) FILTER (paid) AS converted
    FROM (SELECT s.customer, b.i, bool_or(EXISTS (SELECT 1 FROM paid p WHERE p.customer = s.customer
                                                  AND begins <= s.trial_ends AND s.trial_ends < ends)) AS paid,
                 max(least(s.trial_ends, s.ended)) - INTERVAL 1 MICROSECOND AS moment
          FROM subs s JOIN bounds b ON b.t <= s.trial_ends JOIN bounds n ON n.i = b.i + 1 AND s.trial_ends < n.t
          WHERE s.trial_ends > s.started AND s.customer IS NOT NULL GROUP BY ALL)
    JOIN labelled l USING (customer, moment)
    GROUP BY ALL
"""


def terms(subs: pl.DataFrame, zone: str, until: datetime) -> Iterator[dict[str, Any]]:
    """Anniversaries by the calendar, row by row: months keep the day where it exists, else take the month's last."""
    months = {"month": 1, "quarter": 3, "Yearly": 12}
    for row in subs.drop_nulls(["customer", "billing"]).to_dicts():
        anchor = max(row["started"], row["trial_ends"] or row["started"])
        local = anchor.astimezone(ZoneInfo(zone))
        for k in range(1, 200):
            if row["billing"] == "weekly":
                naive = local.replace(tzinfo=None) + timedelta(days=7 * k)
            else:
                month = local.year * 12 + local.month - 1 + k * months[row["billing"]]
                following = date((month + 1) // 12, (month + 1) % 12 + 1, 1)
                last = (following - timedelta(days=1)).day
                naive = local.replace(
                    year=month // 12, month=month % 12 + 1, day=min(local.day, last), tzinfo=None, fold=0
                )
            time = naive.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
            if time >= until or (row["ended"] is not None and time > row["ended"]):
                break
            yield {"customer": row["customer"], "t": time}


def judged(
    subs: pl.DataFrame, people: pl.DataFrame, zone: str, first: date, by: tuple[str, ...]
) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    bounds = pl.DataFrame([{"i": i, "t": t} for i, (_, t) in enumerate(month_bounds(first, MONTHS, zone))])
    anniversaries = pl.DataFrame(
        list(terms(subs, zone, bounds["t"][-1])), schema={"customer": pl.String, "t": pl.Datetime("us", "UTC")}
    )
    for name, table in (("subs", subs), ("customers", people), ("bounds", bounds), ("terms", anniversaries)):
        load(connection, name, table)
    columns = {"subscriptions.plan": "plan", "customers.country": "country"}
    label = " || ';' || ".join(f"'{name}=' || {columns[name]}" for name in by) or "NULL"
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in SUMS)
    connection.execute(SETUP.replace("{label}", label).replace("{sums}", sums))
    return connection


def answers(connection: duckdb.DuckDBPyConnection, sql: str, first: date, zone: str) -> dict[tuple[str, str], Any]:
    starts = [day for day, _ in month_bounds(first, MONTHS, zone)]
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    return {(r["segments"], starts[r["i"]]): r for r in rows if r["i"] < MONTHS and r["segments"] is not None}


def share(top: Any, bottom: Any) -> float | None:
    return None if not bottom else float(top or 0) / float(bottom)


@pytest.mark.parametrize("seed", range(7))
def test_every_measure_agrees_with_sql(seed: int) -> None:
    dice = random.Random(seed)
    zone, first = dice.choice(PLACES)
    by = BYS[seed % 3]
    customers = 1 if seed == 5 else 10
    subs, people = random_subscriptions(dice, first, customers=customers), countries(dice, customers)
    entries = {m: {"type": "subscription", "measure": m, "every": "month", "by": list(by)} for m in MEASURES}
    end = month_bounds(first, MONTHS, zone)[-1][0]
    given: dict[str, Any] = {"settings": {"timezone": zone}, "asked": {"since": first.isoformat(), "as_of": end}}

    def tables(buckets: int, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
        limits = Limits(buckets=buckets)
        outcome = measured(entries, limits=limits, subscriptions=rows, customers=people, **given)
        return {metric.name: metric.view.table for metric in outcome.answer.metrics}

    whole = tables(1, subs)
    for other in (tables(7, subs), tables(1, shuffled(subs, dice))):
        assert [name for name in MEASURES if not other[name].equals(whole[name])] == []

    connection = judged(subs, people, zone, first, by)
    expected = answers(connection, "FROM answers", first, zone)
    renewals = answers(connection, RENEWALS, first, zone)
    trials = answers(connection, TRIALS, first, zone)

    def check(measure: str, found: dict[tuple[str, str], Any], formulas: dict[str, Any]) -> None:
        shown = {(r["segments"], r["period_start"]): r for r in whole[measure].to_dicts()}
        assert all(r["complete"] for r in shown.values())
        for key, row in shown.items():
            for column, formula in formulas.items():
                want = formula(found[key]) if key in found else formula(dict.fromkeys(next(iter(expected.values())), 0))
                near = None if want is None else pytest.approx(want, rel=1e-9, abs=1e-9)
                assert row[column] == near, (measure, key, column)
        busy = {key for key, row in found.items() if any(formulas[c](row) for c in formulas)}
        assert busy <= shown.keys(), measure

    def plain(name: str) -> Any:
        return lambda r: float(r.get(name) or 0)

    counts = {"start": plain("s"), "end": plain("e"), "kept": plain("kept"), "moved": plain("moved")}
    check("retention_rate", expected, {**counts, "retention_rate": lambda r: share(r["kept"], r["s"])})
    lost = {"churn_rate": lambda r: share(r["s"] - r["kept"], r["s"])}
    lost["mrr_churn_rate"] = lambda r: share(r["churn"], r["m0"])
    check("churn_rate", expected, {**counts, **lost})
    check("net_growth_rate", expected, {**counts, "net_growth_rate": lambda r: share(r["e"] - r["s"], r["s"])})
    movements = ("new", "reactivation", "expansion", "contraction", "churn")
    money = {"mrr": plain("m1"), "start": plain("m0"), "moved": plain("moved_money")}
    check("mrr", expected, {**money, **{name: plain(name) for name in movements}})
    check("arpu", expected, {"arpu": lambda r: share(r["m1"], r["e"]), "customers": plain("e")})
    check("nrr", expected, {"nrr": lambda r: share(r["kept_mrr"], r["m0"])})
    check("grr", expected, {"grr": lambda r: share(r["least_mrr"], r["m0"])})
    renewed = {"due": plain("due"), "renewed": plain("renewed")}
    check("renewal_rate", renewals, {**renewed, "renewal_rate": lambda r: share(r.get("renewed"), r.get("due"))})
    converted = {"trials": plain("trials"), "converted": plain("converted")}
    rate = {"trial_conversion_rate": lambda r: share(r.get("converted"), r.get("trials"))}
    check("trial_conversion_rate", trials, {**converted, **rate})

    for row in whole["mrr"].to_dicts():
        gained = row["new"] + row["reactivation"] + row["expansion"] + row["moved"]
        assert row["start"] + gained - row["contraction"] - row["churn"] == pytest.approx(row["mrr"])
    for row in whole["churn_rate"].to_dicts():
        assert row["start"] - row["lost"] + row["joined"] + row["moved"] == row["end"]
        assert min(row["lost"], row["joined"]) >= 0


def test_sixty_four_buckets_give_what_one_gives() -> None:
    dice = random.Random(64)
    subs = random_subscriptions(dice, date(2024, 1, 1), customers=40)
    entries = {m: {"type": "subscription", "measure": m, "by": ["plan"]} for m in ("mrr", "renewal_rate")}
    one, many = (
        [m.view.table for m in measured(entries, limits=Limits(buckets=n), subscriptions=subs).answer.metrics]
        for n in (1, 64)
    )
    assert all(a.equals(b) for a, b in zip(one, many, strict=True))
