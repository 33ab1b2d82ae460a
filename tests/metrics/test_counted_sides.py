"""Ratios of counts are alike by one table of counts and by each side's own rows."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.measuring import one
from support.random_data import random_export
from support.random_tables import countries

from engagement_cli.metrics.parts import counted_sides

SIDES: list[dict[str, Any]] = [
    {"count": "events", "events": ["a", "x"], "where": "customer IS NOT NULL"},
    {"count": "customers", "events": ["a", "b"]},
    {"count": "rows", "where": "customer IS NOT NULL"},
]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("cap", "by"), [(None, []), (2, ["country"]), (None, ["channel", "country"])])
def test_ratios_of_counts_are_alike_where_rows_are_few(
    seed: int, cap: int | None, by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)
    export, people = random_export(dice), countries(dice, 8)
    for above, below in [(0, 1), (1, 0), (2, 1), (0, 0)]:
        asked: dict[str, Any] = {"type": "ratio", "every": "week", "by": by, "cap": cap}
        asked |= {"numerator": SIDES[above], "denominator": SIDES[below]}
        given: dict[str, Any] = {"settings": {"timezone": export.zone}, "events": export.events, "customers": people}
        with monkeypatch.context() as patch:
            counted = one(asked, **given).view.table
            patch.setattr(counted_sides, "_MANY", 0)
            listed = one(asked, **given).view.table
        assert counted.equals(listed)
        assert counted["numerator"].sum() > 0
