"""Events are counted alike by a table of all kinds and periods and by the rows of a selection."""

from __future__ import annotations

import random

import pytest
from support.measuring import one
from support.random_data import random_export

from engagement_cli.metrics.parts import row_counts


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("entry", [{"count": "events", "events": ["a", "x"]}, {"count": "rows"}], ids=str)
def test_events_are_counted_alike_where_kinds_are_many(
    entry: dict[str, object], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = random_export(random.Random(seed))
    asked = {"type": "aggregate", "every": "day", **entry}
    few = one(asked, settings={"timezone": export.zone}, events=export.events).view.table
    monkeypatch.setattr(row_counts, "_ROOM", -(2**62))
    many = one(asked, settings={"timezone": export.zone}, events=export.events).view.table
    assert few.equals(many)
    assert few["value"].sum() > 0
