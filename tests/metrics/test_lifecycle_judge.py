"""Lifecycle judged by SQL written from the definition, on random exports."""

from __future__ import annotations

import random

import pytest
from support.activity import random_question
from support.judging import assert_same, steady

# A status is the customer's; his segments are those of his events in the interval, or (dormant) in the one before.
QUERY = """
, opening AS (SELECT min(number) AS p FROM shown)
, before AS (
    SELECT customer, p + 1 AS p, segments FROM inside
    UNION
    SELECT customer, opening.p, segments FROM acts, opening JOIN periods ON number = opening.p - 1
    WHERE t >= starts AND t < ends AND t < '{since}'
), births AS (
    SELECT customer, min(t) AS born FROM acts GROUP BY customer
), statuses AS (
    SELECT i.p, i.segments, customer,
        CASE WHEN born >= '{since}' AND NOT EXISTS (SELECT 1 FROM inside e WHERE e.customer = i.customer AND e.p < i.p)
             THEN 'new'
             WHEN EXISTS (SELECT 1 FROM before b WHERE b.customer = i.customer AND b.p = i.p) THEN 'returning'
             ELSE 'resurrected' END AS status
    FROM inside i JOIN births USING (customer)
    UNION ALL
    SELECT b.p, b.segments, customer, 'dormant' FROM before b JOIN shown ON b.p = number
    WHERE NOT EXISTS (SELECT 1 FROM inside i WHERE i.customer = b.customer AND i.p = b.p)
), grid AS (
    SELECT s.*, shown.number, shown.whole FROM shown, (SELECT DISTINCT segments FROM statuses UNION SELECT '') s
)
SELECT grid.segments, count(*) FILTER (status = 'new') AS new, count(*) FILTER (status = 'returning') AS returning,
    count(*) FILTER (status = 'resurrected') AS resurrected, count(*) FILTER (status = 'dormant') AS dormant,
    any_value(whole) AS complete
FROM grid LEFT JOIN statuses ON p = number AND statuses.segments = grid.segments
GROUP BY grid.segments, number ORDER BY grid.segments, number
"""


@pytest.mark.parametrize("seed", range(18))
def test_statuses_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    asked = random_question(dice, "lifecycle", ("hour", "day", "week", "month"), seed=seed)
    found = steady(asked.entry, asked.export, asked.range, dice)
    assert_same(found.view.table.to_dicts(), asked.judged(QUERY))


@pytest.mark.parametrize("seed", range(4))
def test_new_returning_and_resurrected_are_the_active_ones(seed: int) -> None:
    dice = random.Random(100 + seed)
    asked = random_question(dice, "lifecycle", ("day", "week"), seed=100)
    table = steady(asked.entry, asked.export, asked.range, dice).view.table
    active = steady(asked.entry | {"type": "active"}, asked.export, asked.range, dice).view.table
    present = table.select(
        "segments", "period_start", customers=table["new"] + table["returning"] + table["resurrected"]
    )
    joined = active.join(present, on=["segments", "period_start"], how="left", suffix="_of_lifecycle")
    assert joined["customers"].equals(joined["customers_of_lifecycle"], check_names=False)
