"""Active customers judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random

import pytest
from support.activity import random_question
from support.judging import assert_same, steady

PERIODS = """
, labels AS (SELECT DISTINCT segments FROM inside UNION SELECT '')
SELECT labels.segments, count(DISTINCT customer) AS customers, any_value(whole) AS complete
FROM labels CROSS JOIN shown LEFT JOIN inside ON p = number AND inside.segments = labels.segments
GROUP BY labels.segments, number ORDER BY labels.segments, number
"""

TRAILING = """
, closing AS (
    SELECT *, least(ends, TIMESTAMPTZ '{until}', CASE WHEN starts < '{as_of}' THEN TIMESTAMPTZ '{as_of}' ELSE ends END)
      - INTERVAL 1 MICROSECOND AS at_last
    FROM shown
), windows AS (
    SELECT c.number, c.whole, d.number AS last FROM closing c JOIN days d ON at_last >= d.starts AND at_last < d.ends
), opening AS (
    SELECT d.number AS first FROM days d JOIN (SELECT min(timestamp) AS t FROM events) ON t >= starts AND t < ends
), dated AS (SELECT customer, d.number AS day FROM acts JOIN days d ON t >= starts AND t < ends WHERE t < '{until}')
SELECT '' AS segments, count(DISTINCT customer) AS customers,
  any_value(whole AND last - {window} + 1 >= first) AS complete
FROM windows CROSS JOIN opening LEFT JOIN dated ON day BETWEEN last - {window} + 1 AND last
GROUP BY number ORDER BY number
"""


@pytest.mark.parametrize("seed", range(12))
def test_customers_of_a_period_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    question = random_question(dice, "active", ("hour", "day", "week", "month"), seed=seed)
    found = steady(question.entry, question.export, question.range, dice)
    assert_same(found.view.table.to_dicts(), question.judged(PERIODS))


@pytest.mark.parametrize("seed", [0, 1, *range(103, 115)])
def test_customers_of_a_trailing_window_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    question = random_question(dice, "active", ("day", "week", "month"), seed=seed)
    window = dice.choice([1, 2, 7, 28])
    entry = {key: value for key, value in question.entry.items() if key != "by"} | {"trailing": f"{window}d"}
    question.said["labels"] = "['']"
    found = steady(entry, question.export, question.range, dice)
    assert_same(found.view.table.to_dicts(), question.judged(TRAILING, window=window))
