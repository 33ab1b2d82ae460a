"""Costs judged by SQL: those of the configuration day by day, those of a column as a sum."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import duckdb
import polars as pl
import pytest
from support.measuring import measured, one
from support.random_data import random_export

from engagement_cli.engines.plan import Limits
from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.settings.definitions import definition_hash
from engagement_cli.settings.model import Settings

FIRST = date(2025, 1, 6)
DAYS = 100
# Every day of every amount, an equal part each, that lies in the range; summed by month and value.
QUERY = """
WITH parts AS (
    SELECT value, unnest(generate_series(start, until - INTERVAL 1 DAY, INTERVAL 1 DAY)) AS day,
        amount / date_diff('day', start, until) AS part
    FROM spendings
), told AS (SELECT * FROM parts WHERE day >= $since AND day < $until)
SELECT segments, strftime(date_trunc('month', day), '%Y-%m-01') AS month, sum(part) AS total
FROM (SELECT '' AS segments, day, part FROM told UNION ALL SELECT 'campaign=' || value, day, part FROM told)
GROUP BY ALL
"""


@pytest.mark.parametrize("seed", range(12))
def test_costs_of_the_configuration_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    account: dict[str, list[dict[str, Any]]] = {}
    for _ in range(dice.randint(1, 6)):
        start = FIRST + timedelta(days=dice.randint(-30, DAYS))
        until = start + timedelta(days=dice.randint(1, 60))
        part = {"amount": dice.randint(0, 10_000) / 100, "from": start.isoformat(), "until": until.isoformat()}
        account.setdefault(dice.choice("xyz"), []).append(part)
    times = [f"{FIRST}T10:00:00Z", f"{FIRST + timedelta(days=DAYS)}T11:30:00Z"]
    events = pl.DataFrame({"customer": "a", "event": "e", "timestamp": times, "campaign": ["x", None]})
    since, until = FIRST, FIRST + timedelta(days=DAYS + 1)
    asked: dict[str, Any] = {}
    if dice.random() < 0.5:
        since, until = FIRST + timedelta(days=dice.randint(0, 40)), FIRST + timedelta(days=dice.randint(50, 90))
        asked = {"since": since.isoformat(), "until": until.isoformat()}
    rows = [(value, part["amount"], part["from"], part["until"]) for value, parts in account.items() for part in parts]
    with duckdb.connect() as judge:
        judge.execute("CREATE TABLE spendings (value VARCHAR, amount DOUBLE, start DATE, until DATE)")
        judge.executemany("INSERT INTO spendings VALUES (?, ?, ?, ?)", rows)
        found = judge.execute(QUERY, {"since": since, "until": until}).fetchall()
    expected = {(segments, month): total for segments, month, total in found if total}
    settings = {"costs": {"campaign": account}, "timezone": dice.choice(["UTC", "Europe/Paris"])}
    entry = {"type": "cost", "every": "month", "by": ["campaign"]}
    for buckets in (1, 7):
        answer = one(entry, settings=settings, asked=asked, events=events, limits=Limits(buckets=buckets))
        actual = {(r["segments"], r["period_start"]): r["value"] for r in answer.view.table.to_dicts() if r["value"]}
        assert actual == {key: pytest.approx(total, abs=2e-5) for key, total in expected.items()}


@pytest.mark.parametrize("seed", range(4))
def test_costs_of_a_column_are_its_sum(seed: int) -> None:
    events = random_export(random.Random(seed), rows=150).events
    common = {"every": "week", "by": ["channel"], "events": ["a", "b"]}
    entries = {
        "spent": {"type": "cost", "column": "value", **common},
        "summed": {"type": "aggregate", "sum": "value", **common},
    }
    spent, summed = measured(entries, events=events).answer.metrics
    columns = ["period_start", "segments", "value", "complete"]
    assert spent.view.table.select(columns).equals(summed.view.table.select(columns))


def test_the_definition_changes_with_the_costs_of_the_configuration() -> None:
    entry = PARAMETERS["cost"].model_validate({"type": "cost", "by": ["campaign"]})
    hashes = [
        definition_hash(entry, Settings.model_validate({"costs": costs}))
        for costs in ({}, {"campaign": {"x": 1}}, {"campaign": {"x": 2}}, {"campaign": {"x": 1}})
    ]
    assert len(set(hashes)) == 3
    assert hashes[1] == hashes[3]


def test_a_filter_cannot_reach_costs_of_the_configuration() -> None:
    events = pl.DataFrame({"customer": ["a"], "event": ["e"], "timestamp": ["2025-01-01T10:00:00Z"]})
    with pytest.raises(UserError, match="where: chooses rows, and the costs stand in the configuration"):
        one({"type": "cost", "where": "event = 'e'"}, settings={"costs": {"campaign": {"x": 1}}}, events=events)
