"""Survey metrics against SQL written from their definitions, on random answers."""

from __future__ import annotations

import math
import random
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pytest
from support.measuring import measured
from support.random_tables import countries, load, month_bounds, random_surveys, shuffled

from engagement_cli.engines.plan import Limits

PLACES = (
    ("UTC", date(2024, 2, 1)),
    ("Europe/Paris", date(2025, 3, 1)),
    ("America/Sao_Paulo", date(2018, 10, 1)),
    ("Asia/Kathmandu", date(2024, 12, 1)),
)
MONTHS = 3
Z = 1.959963984540054
ENTRIES: dict[str, dict[str, Any]] = {
    "nps": {"measure": "nps"},
    "nps_all": {"measure": "nps", "answers": "all"},
    "nps_fine": {"measure": "nps", "where": "comment = 'fine'"},
    "csat": {"measure": "csat"},
    "csat_all": {"measure": "csat", "answers": "all", "scale": [0, 10], "satisfied_from": 7},
    "effort": {"measure": "effort"},
    "rating": {"measure": "rating", "survey": "CSAT", "answers": "all", "scale": [1, 3.5]},
}
# One row an answer of the survey, `turn` 1 for the customer's last valid one of the period.
ANSWERS = """
    WITH asked AS (
        SELECT s.*, b.i, {valid} AS valid, row_number() OVER () AS row
        FROM surveys s JOIN bounds b ON b.t <= s.timestamp JOIN bounds n ON n.i = b.i + 1 AND s.timestamp < n.t
        WHERE {kind} AND {filter}),
    ranked AS (
        SELECT *, row_number() OVER (
            PARTITION BY customer, CASE WHEN customer IS NULL THEN row END, i, valid
            ORDER BY timestamp DESC, score DESC, comment DESC NULLS LAST) AS turn FROM asked),
    labelled AS (
        SELECT r.*, unnest(['', {label}]) AS segments FROM ranked r LEFT JOIN customers USING (customer)),
    counted AS (SELECT *, valid AND {taken} AS taken FROM labelled WHERE segments IS NOT NULL),
    people AS (
        SELECT segments, i, count(*) AS y, sum(score) AS x, sum(CAST(score >= {satisfied} AS INT)) AS satisfied,
               sum(CASE WHEN score >= 9 THEN 1 WHEN score <= 6 THEN -1 ELSE 0 END) AS net
        FROM counted WHERE taken GROUP BY segments, i, coalesce(customer, 'row ' || row)),
    spread AS (
        SELECT segments, i, count(*) AS people,
               sum(power(x - r * y, 2)) AS score_residual, sum(power(satisfied - s * y, 2)) AS satisfied_residual,
               sum(power(net - v * y, 2)) AS net_residual
        FROM (SELECT *, sum(x) OVER w / sum(y) OVER w AS r, sum(satisfied) OVER w / sum(y) OVER w AS s,
                     sum(net) OVER w / sum(y) OVER w AS v FROM people WINDOW w AS (PARTITION BY segments, i))
        GROUP BY ALL)
    SELECT segments, i, count(*) FILTER (NOT valid) AS rejected, count(*) FILTER (taken) AS n,
           count(*) FILTER (taken AND score >= 9) AS promoters, count(*) FILTER (taken AND score <= 6) AS detractors,
           count(*) FILTER (taken AND score >= {satisfied}) AS satisfied, avg(score) FILTER (taken) AS mean,
           any_value(people) AS people, any_value(score_residual) AS score_residual,
           any_value(satisfied_residual) AS satisfied_residual, any_value(net_residual) AS net_residual
    FROM counted LEFT JOIN spread USING (segments, i) GROUP BY ALL
"""


def sql_of(entry: dict[str, Any], by_country: bool) -> str:
    measure = entry["measure"]
    low, high = entry.get("scale", {"nps": (0, 10), "effort": (1, 7)}.get(measure, (1, 5)))
    valid = f"score BETWEEN {low} AND {high}" + (" AND score = floor(score)" if measure == "nps" else "")
    kind = f"lower(trim(survey)) = '{entry.get('survey', measure).lower()}'"
    return ANSWERS.format(
        valid=f"({valid})",
        kind=kind if "survey" in entry else f"(survey IS NULL OR {kind})",
        filter=entry.get("where", "true"),
        taken="true" if entry.get("answers") == "all" else "turn = 1",
        satisfied=entry.get("satisfied_from", 4),
        label="'customers.country=' || coalesce(country, '(none)')" if by_country else "NULL",
    )


def half_width(row: dict[str, Any], residual: str) -> float | None:
    """Of a customer-clustered interval of a ratio of sums."""
    people, n = row["people"], row["n"]
    return (
        None
        if not n or people < 2 or row[residual] < 1e-12
        else Z * math.sqrt(row[residual] * people / (people - 1)) / n
    )


def expected(entry: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    measure, clustered = entry["measure"], entry.get("answers") == "all"
    n, found = row["n"], {"n": row["n"], "rejected": row["rejected"]}
    if measure == "nps":
        p, d = (row["promoters"] / n, row["detractors"] / n) if n else (0, 0)
        error = Z * 100 * math.sqrt((p + d - (p - d) ** 2) / n) if n and {p, d, 1 - p - d} != {0, 1} else None
        if clustered:
            half = half_width(row, "net_residual")
            error = None if half is None else 100 * half
        value = 100 * (p - d) if n else None
        found |= {"promoters": row["promoters"], "detractors": row["detractors"], "nps": value}
    else:
        error = half_width(row, "score_residual")
        value = row["mean"]
        found |= {"mean" if measure == "csat" else measure: value}
    if measure == "csat":
        found |= {"satisfied": row["satisfied"], "csat": row["satisfied"] / n if n else None}
        found |= {"mean_low": None if error is None else value - error}
        if clustered and (half := half_width(row, "satisfied_residual")) is not None:
            found |= {"ci_high": row["satisfied"] / n + half}
    else:
        found |= {"ci_low": None if error is None else value - error}
    return found


@pytest.mark.parametrize("seed", range(7))
def test_every_measure_agrees_with_sql(seed: int) -> None:
    dice = random.Random(seed)
    zone, first = dice.choice(PLACES)
    customers, by = (1 if seed == 4 else 12), ["customers.country"] if seed % 2 else []
    answers, people = random_surveys(dice, first, customers=customers), countries(dice, customers)
    bounds = month_bounds(first, MONTHS, zone)
    entries = {name: {"type": "survey", "by": by, **entry} for name, entry in ENTRIES.items()}
    given: dict[str, Any] = {
        "settings": {"timezone": zone},
        "asked": {"since": first.isoformat(), "as_of": bounds[-1][0]},
    }

    def tables(buckets: int, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
        outcome = measured(entries, limits=Limits(buckets=buckets), surveys=rows, customers=people, **given)
        return {metric.name: metric.view.table for metric in outcome.answer.metrics}

    whole = tables(1, answers)
    for other in (tables(64 if seed == 1 else 7, answers), tables(1, shuffled(answers, dice))):
        assert [name for name in ENTRIES if not other[name].equals(whole[name])] == []

    connection = duckdb.connect()
    load(connection, "surveys", answers)
    load(connection, "customers", people)
    load(connection, "bounds", pl.DataFrame([{"i": i, "t": t} for i, (_, t) in enumerate(bounds)]))
    for name, entry in ENTRIES.items():
        cursor = connection.execute(sql_of(entry, bool(by)))
        columns = [column[0] for column in cursor.description]
        found = {(row[0], bounds[row[1]][0]): dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
        shown = {(row["segments"], row["period_start"]): row for row in whole[name].to_dicts()}
        assert found.keys() <= shown.keys()
        assert {key[0] for key in shown} == {"", *(key[0] for key in found)}
        for key, row in shown.items():
            if key not in found:
                assert (row["n"], row["rejected"]) == (0, 0)
                continue
            for column, value in expected(entry, found[key]).items():
                near = None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)
                assert row[column] == near, (name, key, column)
