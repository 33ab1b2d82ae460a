"""Themes of comments against SQL written from their definition, on random comments."""

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

ZONES = ("UTC", "Europe/Paris", "America/Sao_Paulo", "Asia/Kathmandu")
FIRST, MONTHS, Z = date(2018, 10, 1), 3, 1.959963984540054
WORDS = ["Price", "prices", "costly", "the", "slow", "not", "working", "EXPORT", "export", "it", "is", "quick"]
THEMES = {"money": ["price", "cost*"], "speed": ["slow", "not working"], "export": ["export"]}
PATTERNS = {
    "money": r"\b(price|cost[a-z]*)\b",
    "speed": r"\b(slow|not +working)\b",
    "export": r"\bexport\b",
}
# Comments in range with their person, their month and what they are about.
ABOUT = """
    WITH asked AS (
        SELECT *, row_number() OVER () AS row FROM surveys s
        JOIN bounds b ON b.t <= s.timestamp JOIN bounds n ON n.i = b.i + 1 AND s.timestamp < n.t
        WHERE trim(coalesce(comment, '')) <> '' AND {kind}),
    labelled AS (
        SELECT a.*, coalesce(customer, 'row ' || row) AS person,
               unnest(['', {label}]) AS segments FROM asked a LEFT JOIN customers USING (customer)),
    rows AS (SELECT * FROM labelled WHERE segments IS NOT NULL),
    mentions AS ({mentions}),
    everybody AS (SELECT segments, i, person, count(*) AS y FROM rows GROUP BY ALL),
    themed AS (SELECT theme, segments, i, person, count(*) AS x FROM rows JOIN mentions USING (row) GROUP BY ALL),
    scores AS (
        SELECT theme, segments, i, avg(score) FILTER (score BETWEEN 0 AND 10 AND score = floor(score)) AS mean_score,
               100 * avg(CASE WHEN score >= 9 THEN 1 WHEN score <= 6 THEN -1 ELSE 0 END)
                   FILTER (score BETWEEN 0 AND 10 AND score = floor(score)) AS nps
        FROM rows JOIN mentions USING (row) GROUP BY ALL),
    cells AS (
        SELECT t.theme, e.segments, e.i, e.person, e.y, coalesce(x.x, 0) AS x
        FROM everybody e CROSS JOIN (SELECT DISTINCT theme FROM mentions) t
        LEFT JOIN themed x ON x.theme = t.theme AND x.segments = e.segments AND x.i = e.i AND x.person = e.person),
    sums AS (
        SELECT theme, segments, i, sum(x) AS x, sum(y) AS y, count(*) AS n, count(*) FILTER (x > 0) AS customers,
               any_value(r) AS r, sum(power(x - r * y, 2)) AS residual
        FROM (SELECT *, sum(x) OVER w / sum(y) OVER w AS r FROM cells WINDOW w AS (PARTITION BY theme, segments, i))
        GROUP BY ALL)
    SELECT * FROM sums LEFT JOIN scores USING (theme, segments, i)
"""
NAMED = " UNION ALL ".join(
    f"SELECT row, '{theme}' AS theme FROM asked WHERE regexp_matches(lower(comment), '{pattern}')"
    for theme, pattern in PATTERNS.items()
)
OTHER = f"{NAMED} UNION ALL SELECT row, '(other)' FROM asked WHERE row NOT IN (SELECT row FROM ({NAMED}))"
SPOKEN = """
    SELECT DISTINCT row, unnest(list_concat(
        list_filter(words, lambda w: w NOT IN ('the', 'not', 'it', 'is')),
        list_filter(list_transform(range(1, len(words)), lambda j: CASE
            WHEN words[j] NOT IN ('the', 'it', 'is') AND words[j + 1] NOT IN ('the', 'not', 'it', 'is')
            THEN words[j] || ' ' || words[j + 1] END), lambda p: p IS NOT NULL))) AS theme
    FROM (SELECT row, string_split_regex(trim(lower(comment)), ' +') AS words FROM asked)
"""


def random_comments(dice: random.Random, customers: int) -> pl.DataFrame:
    answers = random_surveys(dice, FIRST, rows=150, customers=customers)
    spaces = (" ", "  ")
    said = [
        dice.choice([None, "", " "])
        if dice.random() < 0.3
        else dice.choice(spaces).join(dice.choices(WORDS, k=dice.randrange(1, 6)))
        for _ in range(answers.height)
    ]
    return answers.with_columns(pl.Series("comment", said, dtype=pl.String))


def interval(row: dict[str, Any]) -> tuple[float | None, float | None]:
    x, y, n = row["x"], row["y"], row["n"]
    if y == n:
        p, z2 = x / n, Z * Z
        middle, half = (p + z2 / 2 / n) / (1 + z2 / n), Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / 4 / n / n)
        return max(0.0, middle - half), min(1.0, middle + half)
    if n < 2 or row["residual"] < 1e-12:
        return None, None
    half = Z * math.sqrt(row["residual"] * n / (n - 1)) / y
    return max(0.0, x / y - half), min(1.0, x / y + half)


@pytest.mark.parametrize("seed", range(6))
def test_themes_and_words_agree_with_sql(seed: int) -> None:
    dice = random.Random(seed)
    zone, people = ZONES[seed % 4], 1 if seed == 4 else 12
    answers, places = random_comments(dice, people), countries(dice, people)
    bounds, by = month_bounds(FIRST, MONTHS, zone), ["customers.country"] if seed % 2 else []
    common = {"type": "themes", "survey": "nps", "every": "month", "by": by}
    entries: dict[str, dict[str, Any]] = {
        "named": {**common, "themes": THEMES},
        "spoken": {**common, "top": None},
    }
    given: dict[str, Any] = {
        "settings": {"timezone": zone},
        "asked": {"since": FIRST.isoformat(), "as_of": bounds[-1][0]},
    }

    def tables(buckets: int, rows: pl.DataFrame) -> dict[str, pl.DataFrame]:
        outcome = measured(entries, limits=Limits(buckets=buckets), surveys=rows, customers=places, **given)
        return {metric.name: metric.view.table for metric in outcome.answer.metrics}

    whole = tables(1, answers)
    for other in (tables(7, answers), tables(1, shuffled(answers, dice))):
        assert [name for name in entries if not other[name].equals(whole[name])] == []

    connection = duckdb.connect()
    load(connection, "surveys", answers)
    load(connection, "customers", places)
    load(connection, "bounds", pl.DataFrame([{"i": i, "t": t} for i, (_, t) in enumerate(bounds)]))
    label = "'customers.country=' || coalesce(country, '(none)')" if by else "NULL"
    for name, mentions in (("named", OTHER), ("spoken", SPOKEN)):
        sql = ABOUT.format(kind="lower(trim(survey)) = 'nps'", label=label, mentions=mentions)
        cursor = connection.execute(sql)
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        found = {(row["segments"], bounds[row["i"]][0], row["theme"]): row for row in rows}
        shown = {(r["segments"], r["period_start"], r["theme"]): r for r in whole[name].to_dicts()}
        assert {key for key, row in found.items() if row["x"]} <= shown.keys()
        for key, row in shown.items():
            if key not in found or not found[key]["y"]:
                assert row["comments"] == 0, key
                continue
            wanted = found[key]
            assert (row["comments"], row["all_comments"], row["customers"], row["respondents"]) == (
                wanted["x"],
                wanted["y"],
                wanted["customers"],
                wanted["n"],
            ), (name, key)
            low, high = interval(wanted)
            near = {"share": wanted["r"], "ci_low": low, "ci_high": high}
            near |= {"mean_score": wanted["mean_score"], "nps": wanted["nps"]}
            for column, value in near.items():
                expected = None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)
                assert row[column] == expected, (name, key, column)
