"""A retention says which cohorts it leaves out."""

from __future__ import annotations

from typing import Any

import pytest
from support.measuring import one

EVENTS = "customer,event,timestamp\n" + "\n".join(
    f"c{day % 3},visit,2025-01-{day:02}T10:00:00Z" for day in (1, 2, 5, 9, 28)
)


@pytest.mark.parametrize(
    ("given", "asked", "said"),
    [
        ({"intervals": 6}, {}, "the last 6 of 28 cohorts, since shows earlier ones"),
        ({}, {}, "the last 12 of 28 cohorts, since shows earlier ones"),
        ({"brackets": ["0", "1-3"]}, {}, "the last 4 of 28 cohorts, since shows earlier ones"),
        ({"intervals": 6}, {"until": "2025-01-20"}, "the last 6 of 19 cohorts, since shows earlier ones"),
        ({"intervals": 28}, {}, None),
        ({"intervals": 6}, {"since": "2025-01-01"}, None),
        ({"every": "week", "intervals": 5}, {}, None),
    ],
)
def test_cohorts_left_out_are_told(given: dict[str, Any], asked: dict[str, str], said: str | None) -> None:
    entry = {"type": "retention", "start": "visit", "return": "visit", "every": "day", **given}
    view = one(entry, events=EVENTS, asked=asked).view
    assert ("cohorts, since" in view.semantics) == (said is not None)
    assert said is None or view.semantics.endswith(said)


def test_as_many_cohorts_are_shown_as_it_says() -> None:
    entry = {"type": "retention", "start": "visit", "return": "visit", "every": "day", "intervals": 6}
    table = one(entry, events=EVENTS).view.table
    assert table["cohort_start"].unique().sort().to_list() == [f"2025-01-{day}" for day in range(23, 29)]
