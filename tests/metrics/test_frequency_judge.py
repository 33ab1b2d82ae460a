"""Frequency judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random

import pytest
from support.activity import random_question
from support.judging import assert_same, steady

QUERY = """
, counts AS (SELECT segments, customer, count(*) AS times FROM inside GROUP BY ALL)
, grid AS (
    SELECT s.segments, n.intervals
    FROM (SELECT DISTINCT segments FROM counts UNION SELECT '') s,
        range(1, (SELECT count(*) + 1 FROM shown)) n(intervals)
)
SELECT grid.segments, intervals, count(*) FILTER (times = intervals) AS customers_exactly,
    count(*) FILTER (times >= intervals) AS customers_at_least,
    TIMESTAMPTZ '{until}' <= TIMESTAMPTZ '{as_of}' AS complete
FROM grid LEFT JOIN counts ON counts.segments = grid.segments GROUP BY ALL ORDER BY grid.segments, intervals
"""
RATIO = """
SELECT count(*) / nullif((SELECT count(*) FROM shown WHERE whole) * count(DISTINCT customer), 0) AS stickiness,
    count(*) AS active_intervals, count(DISTINCT customer) AS customers,
    (SELECT count(*) FROM shown WHERE whole) AS intervals_of_range
FROM inside JOIN shown ON number = p WHERE segments = '' AND whole
"""


@pytest.mark.parametrize("seed", range(18))
def test_frequency_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    asked = random_question(dice, "frequency", ("hour", "day", "week", "month"), seed=seed)
    found = steady(asked.entry, asked.export, asked.range, dice)
    assert_same(found.view.table.to_dicts(), asked.judged(QUERY))
    assert_same([dict(found.view.totals)], asked.judged(RATIO))
    assert found.view.columns[-3:] == ("intervals", "customers_exactly", "customers_at_least")
