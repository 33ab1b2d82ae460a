"""Inactivity judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random

import pytest
from support.activity import random_question
from support.judging import assert_same, steady

# Silence is the customer's own: acts holds every event under the segment '' too.
QUERY = """
, windows AS (
    SELECT s.number, s.whole, least(s.ends, TIMESTAMPTZ '{until}') AS opens, closing.starts AS closes
    FROM shown s JOIN days d ON s.ends - INTERVAL 1 MICROSECOND >= d.starts AND s.ends - INTERVAL 1 MICROSECOND < d.ends
    JOIN days closing ON closing.number = d.number + {days} + 1
), people AS (
    SELECT i.segments, i.p, customer, NOT EXISTS (
        SELECT 1 FROM acts a WHERE a.customer = i.customer AND a.segments = '' AND a.t >= opens AND a.t < closes
    ) AS silent
    FROM inside i JOIN windows ON i.p = number
), grid AS (SELECT w.*, s.segments FROM windows w, (SELECT DISTINCT segments FROM inside UNION SELECT '') s)
SELECT g.segments, CASE WHEN closes <= '{as_of}' THEN count(*) FILTER (silent)::DOUBLE END AS numerator,
    count(customer)::DOUBLE AS denominator,
    CASE WHEN closes <= '{as_of}' THEN count(*) FILTER (silent) / nullif(count(customer), 0) END AS inactivity_rate,
    count(customer) AS n, whole AND closes <= '{as_of}' AS complete
FROM grid g LEFT JOIN people ON p = number AND people.segments = g.segments
GROUP BY g.segments, number, closes, whole ORDER BY g.segments, number
"""


@pytest.mark.parametrize("seed", range(18))
def test_inactivity_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    asked = random_question(dice, "inactivity", ("day", "day", "week", "month"), seed=seed)
    days = dice.choice([1, 2, 3, 7])
    found = steady(asked.entry | {"inactive_days": days}, asked.export, asked.range, dice)
    assert_same(found.view.table.to_dicts(), asked.judged(QUERY, days=days))


def test_the_rate_lies_within_its_interval() -> None:
    dice = random.Random(7)
    asked = random_question(dice, "inactivity", ("day",), seed=7)
    table = steady(asked.entry | {"inactive_days": 1}, asked.export, asked.range, dice).view.table
    known = table.drop_nulls("inactivity_rate")
    assert known.height
    assert (known["ci_low"] <= known["inactivity_rate"]).all()
    assert (known["inactivity_rate"] <= known["ci_high"]).all()
