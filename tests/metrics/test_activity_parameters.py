"""What entries of lifecycle, frequency, stickiness, inactivity and clv refuse, and what their views promise."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from support.measuring import one

from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import METRIC_TYPES

EVENTS = """
    customer,event,timestamp,value
    a,visit,2025-01-01,
    a,purchase,2025-01-01,10
    b,visit,2025-01-02,
"""
PERIOD = ("period_start", "period_end", "segments")


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"type": "lifecycle", "every": "total"}, "total has none before"),
        ({"type": "stickiness", "window": "36h"}, "whole days"),
        ({"type": "stickiness", "every": "hour"}, "day or longer"),
        ({"type": "inactivity", "every": "hour"}, "day or longer"),
        ({"type": "inactivity", "inactive_days": 0}, "greater than 0"),
        ({"type": "frequency", "window": "28d"}, "Extra inputs"),
        ({"type": "clv", "margin": 70}, "no share"),
        ({"type": "clv", "lifespan": 0}, "more than zero"),
        ({"type": "clv", "churn": 0.1}, "churn: goes with method: churn"),
        ({"type": "clv", "method": "churn", "lifespan": 2}, "lifespan: goes with method: simple"),
        ({"type": "clv", "inactive_days": 9}, "inactive_days: goes with method: churn"),
        ({"type": "clv", "time": "weeks"}, "time: goes with method: observed"),
        ({"type": "clv", "method": "churn", "every": "total"}, "of one period"),
        ({"type": "clv", "method": "observed", "every": "month"}, "every: total"),
        ({"type": "clv", "method": "observed", "margin": 0.5}, "no margin"),
    ],
)
def test_entries_that_cannot_be_are_refused(entry: dict[str, Any], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        METRIC_TYPES[entry["type"]].Parameters.model_validate(entry)


@pytest.mark.parametrize(
    ("entry", "columns"),
    [
        ({"type": "lifecycle", "every": "day"}, ("period_start", "new", "returning", "resurrected", "dormant")),
        ({"type": "frequency", "every": "day"}, ("intervals", "customers_exactly", "customers_at_least")),
    ],
)
def test_views_of_commands_have_exactly_these_columns(entry: dict[str, Any], columns: tuple[str, ...]) -> None:
    assert one({"active": "visit", **entry}, events=EVENTS).view.columns == columns


@pytest.mark.parametrize(
    ("entry", "primary", "unit"),
    [
        ({"type": "lifecycle", "active": "visit"}, "new", "count"),
        ({"type": "frequency", "active": "visit"}, "customers_exactly", "count"),
        ({"type": "stickiness", "active": "visit"}, "stickiness", "share"),
        ({"type": "inactivity", "active": "visit"}, "inactivity_rate", "share"),
        ({"type": "clv"}, "clv", "EUR"),
        ({"type": "clv", "method": "churn"}, "clv", "EUR"),
        ({"type": "clv", "method": "observed"}, "revenue_per_customer", "EUR"),
    ],
)
def test_every_measure_and_column_is_in_the_table(entry: dict[str, Any], primary: str, unit: str) -> None:
    found = one(entry, settings={"currency": "EUR"}, events=EVENTS)
    view = found.view
    assert (view.measures[0].column, view.measures[0].unit) == (primary, unit)
    behind = {
        getattr(m, part) for m in view.measures for part in ("numerator", "denominator", "n", "ci_low", "ci_high")
    }
    named = {*view.columns, *(m.column for m in view.measures), *behind - {None}, "segments", "complete", "flags"}
    assert named <= set(view.table.columns)
    assert found.rows.height == view.table.height * len(view.measures)


def test_a_column_that_is_not_there_is_the_users_error() -> None:
    with pytest.raises(UserError, match="no column 'paid' in the events export"):
        one({"type": "clv", "value": "paid"}, events=EVENTS)
