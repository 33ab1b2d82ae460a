"""The hash of a definition tells when a number of the customer table has come to mean something else."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from support.profiles import configured

from engagement_cli.customers.registry import FAMILIES
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.settings.definitions import definition_hash
from engagement_cli.settings.table_values import says_of_customers

READS_TABLE: dict[str, dict[str, Any]] = {
    "distribution": {"type": "distribution", "of": "marked"},
    "ratio": {
        "type": "ratio",
        "numerator": {"count": "customers", "source": "profiles", "where": "marked"},
        "denominator": {"count": "customers", "source": "profiles"},
    },
    "by a column": {"type": "aggregate", "count": "events", "by": ["band"]},
    "by a signal": {"type": "aggregate", "count": "events", "by": ["marked"]},
    "by a segment": {"type": "aggregate", "count": "events", "by": ["rich"]},
    "by a cut": {"type": "aggregate", "count": "events", "by": ["tenure"]},
}
SETTINGS: dict[str, Any] = {
    "events": {"a": {"weight": 1}},
    "segments": {"rich": {"where": "value > 9"}, "tenure": {"column": "tenure_days", "cut": [30]}},
    "signals": {"marked": {"where": "raw > 3", "reason": "much"}},
}
CHANGES: dict[str, dict[str, Any]] = {
    "weights": {"events": {"a": {"weight": 2}}},
    "score": {"score": {"window": "7d"}},
    "profile": {"profile": {"purchases": ["buy"]}},
    "rfm": {"profile": {"rfm": {"best": "recency_score = 5"}}},
    "tickets": {"profile": {"tickets": {"limit": "1d"}}},
    "dimensions": {"dimensions": {"influence": {"signals": {"nps": 2}}}},
    "key features": {"key_features": ["a"]},
    "signals": {"signals": {"marked": {"where": "raw > 4", "reason": "much"}}},
    "segments": {"segments": {**SETTINGS["segments"], "rich": {"where": "value > 10"}}},
    "active": {"active": "a"},
    "session gap": {"session_gap": "1h"},
    "sessions": {"metrics": {"sessions": {"type": "sessions", "exclude": ["a"]}}},
    "surveys": {"metrics": {"nps": {"type": "survey", "measure": "nps", "where": "score > 1"}}},
}


def digest(entry: dict[str, Any], change: dict[str, Any]) -> str:
    return definition_hash(PARAMETERS[entry["type"]].model_validate(entry), configured({**SETTINGS, **change}))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", READS_TABLE)
def test_what_reads_the_table_changes_with_what_the_table_is_made_of(name: str, change: str) -> None:
    assert digest(READS_TABLE[name], CHANGES[change]) != digest(READS_TABLE[name], {})


@pytest.mark.parametrize("change", [name for name in CHANGES if name not in ("weights",)])
def test_what_does_not_read_it_stays(change: str) -> None:
    entry = {"type": "aggregate", "count": "events", "events": ["a"], "by": ["country"]}
    assert digest(entry, CHANGES[change]) == digest(entry, {})


def test_words_about_a_signal_change_nothing() -> None:
    said = {"signals": {"marked": {"where": "raw > 3", "reason": "very much"}}}
    assert digest(READS_TABLE["distribution"], said) == digest(READS_TABLE["distribution"], {})


def test_every_column_that_divides_customers_is_known_as_one() -> None:
    settings = configured(SETTINGS)
    told = {"plan", "signals", "reasons", "quadrant_move"}  # the exports' own values, and lists
    columns = {
        name
        for family, module in FAMILIES.items()
        if family not in ("properties", "preferences")
        for name, column in module.columns(settings, {}).items()
        if column.dtype in (pl.String, pl.Boolean)
    }
    assert {name for name in columns if not says_of_customers(name, settings)} == told
