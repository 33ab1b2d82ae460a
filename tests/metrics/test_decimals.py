"""Amounts are the decimals that the export wrote, not floats near them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from support.measuring import measured

from engagement_cli.engines.plan import Limits

DICE = random.Random(5)
DAYS = 40
CENTS = [[DICE.randrange(1, 100_000) for _ in range(DICE.randrange(1, 6))] for _ in range(DAYS)]
ROWS = [
    {
        "customer": f"c{i}",
        "event": "buy",
        "timestamp": datetime(2025, 1, 1, 12, tzinfo=UTC) + timedelta(days=day),
        "value": c / 100,
    }
    for day, cents in enumerate(CENTS)
    for i, c in enumerate(cents)
]
SUM = {"type": "aggregate", "sum": "value", "every": "day"}
BACK = {**SUM, "where": "customer = 'c0'", "absolute": True}
PER = {"numerator": {"sum": "value"}, "denominator": {"count": "events"}}
EXACT: dict[str, tuple[dict[str, Any], str, list[Decimal | float]]] = {
    "sum": (SUM, "value", [Decimal(sum(c)) / 100 for c in CENTS]),
    "max": ({**SUM, "sum": None, "max": "value"}, "value", [Decimal(max(c)) / 100 for c in CENTS]),
    "mean": ({**SUM, "sum": None, "mean": "value"}, "numerator", [Decimal(sum(c)) / 100 for c in CENTS]),
    "ratio": ({"type": "ratio", "every": "day", **PER}, "numerator", [Decimal(sum(c)) / 100 for c in CENTS]),
    "difference": (
        {"type": "derived", "formula": "total - first", "every": "day"},
        "value",
        [Decimal(sum(c) - c[0]) / 100 for c in CENTS],
    ),
    "clv": (
        {"type": "clv", "method": "churn", "purchase": "buy", "every": "day", "churn": 0.5},
        "revenue",
        [Decimal(sum(c)) / 100 for c in CENTS],
    ),
}


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    entries = {name: {k: v for k, v in entry.items() if v is not None} for name, (entry, _, _) in EXACT.items()}
    entries |= {"total": SUM, "first": BACK}
    answer = measured(
        entries, events=pl.DataFrame(ROWS), asked={"as_of": "2025-02-10"}, limits=Limits(buckets=7)
    ).answer
    return {m.name: m.view.table for m in answer.metrics}


@pytest.mark.parametrize("name", EXACT)
def test_amounts_are_the_nearest_floats_to_their_decimals(name: str, tables: dict[str, pl.DataFrame]) -> None:
    _, column, expected = EXACT[name]
    assert tables[name][column].to_list() == [float(number) for number in expected]
