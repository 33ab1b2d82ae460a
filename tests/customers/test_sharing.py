"""The customer table and what reads it are the same however the work is divided."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from support.profiles import Profiles, configured, profiles_of
from support.random_data import random_export
from support.random_tables import random_subscriptions, random_surveys

from engagement_cli.engines import course
from engagement_cli.engines.plan import Limits

METRICS: dict[str, dict[str, Any]] = {
    "loud": {"type": "distribution", "of": "loud", "by": ["band"]},
    "events": {"type": "aggregate", "count": "events", "by": ["band", "loud"]},
    "value": {"type": "aggregate", "sum": "value", "by": ["tenure"]},
    "mrr": {"type": "subscription", "measure": "mrr", "by": ["loud"]},
    "nps": {"type": "survey", "measure": "nps", "by": ["nps_group"]},
    "plain": {"type": "aggregate", "count": "customers"},
}
SETTINGS: dict[str, Any] = {
    "events": {"a": {"weight": 1}, "b": {"weight": 2}},
    "score": {"window": "7d"},
    "segments": {"tenure": {"column": "tenure_days", "cut": [5, 10]}},
    "signals": {"loud": {"where": "raw > 3 OR nps > 8", "reason": "much"}},
}
OTHERWISE = {
    "score": {"window": "7d", "reference": "2025-04-02", "scale": "max"},
    "dimensions": {"influence": {"signals": {"nps": 2, "csat": 1, "referrals": 3, "b": 1}}},
}


def given(**settings: Any) -> dict[str, Any]:
    dice = random.Random(3)
    place = ("Europe/Paris", date(2025, 3, 24))
    referred = "\n".join(f"c{i},{f'c{i % 4}' if i % 3 else ''},{'FR' if i % 2 else 'DE'}" for i in range(30))
    return {
        "settings": configured({**SETTINGS, **settings, "timezone": place[0]}),
        "metrics": METRICS,
        "events": random_export(dice, rows=400, customers=30, place=place).events,
        "surveys": random_surveys(dice, place[1], rows=80, customers=30, days=20),
        "subscriptions": random_subscriptions(dice, place[1], customers=30, days=20),
        "customers": f"user_id,referred_by,country\n{referred}",
    }


def assert_equal(whole: Profiles, again: Profiles) -> None:
    assert again.table.equals(whole.table)
    assert again.silent == whole.silent
    for one, other in zip(whole.outcome.answer.metrics, again.outcome.answer.metrics, strict=True):
        assert other.view.table.equals(one.view.table), one.name
        assert other.view.totals == one.view.totals


@pytest.mark.parametrize("limits", [Limits(buckets=7), Limits(buckets=64, threads=1), Limits(buckets=3, memory=1)])
def test_neither_buckets_nor_threads_nor_memory_change_a_byte(limits: Limits) -> None:
    assert_equal(profiles_of(**given(), limits=Limits(buckets=1)), profiles_of(**given(), limits=limits))


@pytest.mark.parametrize("settings", [{}, OTHERWISE], ids=["plain", "against a reference"])
@pytest.mark.parametrize(("rows", "allowed"), [(1, None), (1, 0), (5, 2000)])
def test_pieces_of_the_customers_change_nothing(
    settings: Mapping[str, Any], rows: int, allowed: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = profiles_of(**given(**settings), limits=Limits(buckets=1))
    assert {"referred_value", "quadrant_move", "rfm_segment", "influence_before"} <= set(whole.table.columns)
    monkeypatch.setattr(course, "pieces_of", lambda limits: (rows, allowed))
    assert_equal(whole, profiles_of(**given(**settings), limits=Limits(buckets=16)))


def test_columns_that_are_not_asked_for_change_nothing() -> None:
    dice = random.Random(4)
    events = random_export(dice, rows=300, customers=20).events
    settings = configured({**SETTINGS, "events": {**SETTINGS["events"], "purchase": {"weight": 3}}})
    whole = profiles_of(settings, events=events)
    for column in whole.table.columns:
        if not column.startswith(("contribution_", "\x1f")):
            alone = profiles_of(settings, events=events, columns=[column] if column != "customer" else [""])
            assert alone.table[column].equals(whole.table[column]), column
