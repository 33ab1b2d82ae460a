"""Stickiness judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random

import pytest
from support.activity import random_question
from support.judging import assert_same, steady

QUERY = """
, closing AS (
    SELECT *, CASE WHEN starts < '{as_of}' THEN least(ends, TIMESTAMPTZ '{until}', TIMESTAMPTZ '{as_of}')
                   ELSE least(ends, TIMESTAMPTZ '{until}') END - INTERVAL 1 MICROSECOND AS latest
    FROM shown
), ends AS (
    SELECT s.number, whole, d.number AS last FROM closing s JOIN days d ON latest >= d.starts AND latest < d.ends
), opening AS (
    SELECT d.number AS day FROM days d, (SELECT min(timestamp) AS t FROM events) WHERE t >= starts AND t < ends
)
, active_days AS (
    SELECT DISTINCT segments, customer, d.number AS day FROM acts JOIN days d ON t >= d.starts AND t < d.ends
    WHERE t < '{until}'
), people AS (
    SELECT segments, e.number, customer, count(*) AS x
    FROM active_days JOIN ends e ON day > last - {window} AND day <= last GROUP BY ALL
), grid AS (
    SELECT s.segments, e.*, e.last - {window} + 1 < opening.day AS short
    FROM ends e, opening, (SELECT DISTINCT segments FROM people UNION SELECT '') s
)
SELECT g.segments, sum(x) / ({window} * nullif(count(customer), 0)) AS stickiness,
    coalesce(sum(x), 0)::DOUBLE AS numerator, ({window} * count(customer))::DOUBLE AS denominator,
    count(customer) AS n, whole AND NOT short AS complete,
    CASE WHEN var_samp(x) > 0 THEN
        greatest(avg(x) - 1.959963984540054 * sqrt(var_samp(x) / count(x)), 0) / {window} END AS ci_low,
    CASE WHEN var_samp(x) > 0 THEN
        least((avg(x) + 1.959963984540054 * sqrt(var_samp(x) / count(x))) / {window}, 1) END AS ci_high,
    short
FROM grid g
LEFT JOIN people ON people.number = g.number AND people.segments = g.segments
GROUP BY g.segments, g.number, whole, short ORDER BY g.segments, g.number
"""


@pytest.mark.parametrize("seed", range(18))
def test_stickiness_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    asked = random_question(dice, "stickiness", ("day", "week", "month"), seed=seed)
    window = dice.choice([1, 2, 7, 28])
    entry = asked.entry | ({} if window == 28 else {"window": f"{window}d"})
    found = steady(entry, asked.export, asked.range, dice)
    table = found.view.table.to_dicts()
    expected = asked.judged(QUERY, window=window)
    for row in expected:  # an interval needs two customers
        if row["n"] < 2:
            row["ci_low"] = row["ci_high"] = None
    assert_same([row | {"short": "short_window" in row["flags"]} for row in table], expected)
