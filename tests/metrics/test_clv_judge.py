"""Lifetime values judged by SQL written from their definitions, on random exports."""

from __future__ import annotations

import random
from datetime import datetime

import pytest
from support.activity import Asked, random_question
from support.judging import assert_same, steady
from support.random_data import Export, local_periods

BOUGHT = """
, bought AS (
    SELECT customer, timestamp AS t, event, channel, value, {orders} AS ordered, unnest({labels}) AS segments
    FROM events WHERE customer IS NOT NULL AND {counted} AND value IS NOT NULL
    AND timestamp >= '{since}' AND timestamp < '{until}'
)
"""
SIMPLE = (
    BOUGHT
    + """
, people AS (
    SELECT segments, customer, sum(value) AS revenue,
        count(DISTINCT ordered) + count(*) FILTER (ordered IS NULL) AS purchases
    FROM bought GROUP BY ALL
)
SELECT s.segments, sum(revenue) / sum(purchases) AS average_value, count(customer) AS n,
    sum(purchases) / count(customer) / {years} AS purchases_per_year,
    avg(revenue) / {years} * 3 * 0.4 AS clv,
    (avg(revenue) - 1.959963984540054 * sqrt(nullif(var_samp(revenue), 0) / count(*))) / {years} * 3 * 0.4 AS ci_low
FROM (SELECT DISTINCT segments FROM bought UNION SELECT '') s LEFT JOIN people USING (segments)
GROUP BY ALL ORDER BY ALL
"""
)
# Who bought in a period (with or without a value) and not in the days after it.
CHURN = (
    BOUGHT
    + """
, windows AS (
    SELECT s.number, s.whole, least(s.ends, TIMESTAMPTZ '{until}') AS opens, closing.starts AS closes
    FROM shown s JOIN days d ON s.ends - INTERVAL 1 MICROSECOND >= d.starts AND s.ends - INTERVAL 1 MICROSECOND < d.ends
    JOIN days closing ON closing.number = d.number + {days} + 1
), lost AS (
    SELECT i.segments, number, avg(CASE WHEN EXISTS (
        SELECT 1 FROM acts a WHERE a.customer = i.customer AND a.segments = '' AND a.t >= opens AND a.t < closes
    ) THEN 0 ELSE 1 END) AS churn
    FROM windows JOIN inside i ON i.p = number GROUP BY ALL
), spent AS (
    SELECT segments, number, sum(value) / count(DISTINCT customer) AS arpu
    FROM bought JOIN shown ON t >= starts AND t < ends GROUP BY ALL
), grid AS (SELECT w.*, s.segments FROM windows w, (SELECT DISTINCT segments FROM spent UNION SELECT '') s)
SELECT segments, arpu, CASE WHEN closes <= '{as_of}' THEN churn END AS churn,
    CASE WHEN closes <= '{as_of}' AND churn > 0 THEN arpu * 0.6 / churn END AS clv,
    whole AND closes <= '{as_of}' AS complete
FROM grid LEFT JOIN lost USING (segments, number) LEFT JOIN spent USING (segments, number) ORDER BY segments, number
"""
)
# Of simultaneous first purchases, the segment is that of the first by name.
OBSERVED = (
    BOUGHT
    + """
, daily AS (
    SELECT customer, d.number AS day, sum(value) AS spent FROM bought JOIN days d ON t >= starts AND t < ends
    WHERE segments = '' AND t < '{as_of}' GROUP BY ALL
), opened AS (
    SELECT customer, first('channel=' || coalesce(channel, '(none)') ORDER BY t, event, channel NULLS FIRST) AS label
    FROM bought WHERE segments = '' AND t < '{as_of}' GROUP BY customer
), people AS (
    SELECT customer, count(*) - 1 AS frequency, max(day) - min(day) AS recency,
        (SELECT number FROM days WHERE starts < '{as_of}' AND ends >= '{as_of}') - min(day) AS age,
        sum(spent) AS revenue,
        CASE WHEN count(*) > 1 THEN (sum(spent) - min_by(spent, day)) / (count(*) - 1) END AS monetary
    FROM daily GROUP BY customer
), labelled AS (SELECT *, unnest({both}) AS segments FROM people JOIN opened USING (customer))
SELECT s.segments, avg(revenue) AS revenue_per_customer, avg(frequency) AS frequency, avg(recency) / 7 AS recency,
    avg(age) / 7 AS "T", count(customer) AS n, count(monetary) AS repeat_customers
FROM (SELECT DISTINCT segments FROM labelled UNION SELECT '') s LEFT JOIN labelled USING (segments)
GROUP BY ALL ORDER BY s.segments
"""
)
MONETARY = OBSERVED[: OBSERVED.rindex("SELECT s.segments")] + "SELECT avg(monetary) AS monetary_value FROM people"


def money_question(dice: random.Random, grains: tuple[str, ...], seed: int) -> Asked:
    """A question about purchases; in some of the exports baskets are orders."""
    asked = random_question(dice, "clv", grains, seed=seed)
    entry = {key: value for key, value in asked.entry.items() if key not in {"active", "every"}} | {
        "purchase": ["a", "b"]
    }
    export, orders = asked.export, "NULL"
    if dice.random() < 0.5 and "where" not in entry:
        export, orders = Export(export.events.rename({"basket": "order"}), export.zone), '"order"'
    return Asked(export, entry, asked.range, asked.said | {"orders": orders}, asked.every)


def years(asked: Asked) -> float:
    """The range in years: of every local month its part."""
    since, until = (datetime.fromisoformat(asked.range[name]) for name in ("since", "until"))
    months = local_periods(asked.export.zone, "month", since, until).rows()
    return sum(max((min(e, until) - max(s, since)) / (e - s), 0) for _, s, e in months) / 12


@pytest.mark.parametrize("seed", range(8))
def test_simple_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    asked = money_question(dice, ("month",), seed)
    found = steady(asked.entry | {"lifespan": 3, "margin": "40%"}, asked.export, asked.range, dice)
    expected = asked.judged(SIMPLE, years=years(asked))
    assert_same(found.view.table.to_dicts(), expected)


@pytest.mark.parametrize("seed", range(8))
def test_churn_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    asked = money_question(dice, ("day", "week", "month"), seed)
    entry = asked.entry | {"method": "churn", "every": asked.every, "inactive_days": 2, "margin": "60%"}
    found = steady(entry, asked.export, asked.range, dice)
    assert_same(found.view.table.to_dicts(), asked.judged(CHURN, days=2))


@pytest.mark.parametrize("seed", range(8))
def test_observed_is_that_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    asked = money_question(dice, ("month",), seed)
    found = steady(asked.entry | {"method": "observed", "time": "weeks"}, asked.export, asked.range, dice)
    both = "['', label]" if "by" in asked.entry else "['']"
    table = found.view.table.to_dicts()
    assert_same(table, asked.judged(OBSERVED, both=both))
    # Each customer's mean is rounded to a millionth before it is summed.
    (whole,) = asked.judged(MONETARY, both=both)
    assert table[0]["monetary_value"] == pytest.approx(whole["monetary_value"], abs=1e-6)
