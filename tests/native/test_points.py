"""Points in trailing windows beside a count row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.points import Event, points
from engagement_cli.records import replace

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30), st.integers(0, 3))).map(sorted)
WINDOWS = st.tuples(st.lists(st.integers(-2, 33)), st.integers(0, 12)).map(
    lambda given: [(end - given[1], end) for end in given[0]]
)
IN_ORDER = WINDOWS.map(sorted)
EVENTS = [
    Event(np.array([True, False, False, False]), 5, 2, (0, 3)),
    Event(np.array([True, True, False, False]), -3, 2**63 - 1, (1, 3)),
    Event(np.array([False, False, True, False]), 7, 0, (2, 3)),
]


@given(ROWS, WINDOWS | IN_ORDER)
def test_points_are_those_of_a_count_row_by_row(
    rows: list[tuple[int, int, int]], windows: list[tuple[int, int]]
) -> None:
    customer, time, kind = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    columns = (customer.astype(np.uint32), time, kind.astype(np.uint32))
    counts = np.zeros((len(windows), len(EVENTS), 4), np.int64)
    for w, (begins, ends) in enumerate(windows):
        for c, t, k in rows:
            for e, event in enumerate(EVENTS):
                counts[w, e, c] += begins <= t < ends and event.kinds[k]
    counts = np.minimum(counts, np.array([event.cap for event in EVENTS])[:, None])
    each = counts * np.array([event.weight for event in EVENTS])[:, None]
    found = points(columns, EVENTS, windows, 4, sums=5)
    assert found[:, :3].tolist() == each.tolist()
    assert found[:, 3].tolist() == each.sum(axis=1).tolist()
    assert not found[:, 4].any()
    of_all = [replace(event, sums=(0,)) for event in EVENTS]
    assert points(columns, of_all, windows, 4, sums=1)[:, 0].tolist() == each.sum(axis=1).tolist()


def test_customers_and_kinds_outside_are_refused() -> None:
    one = np.ones(1, np.uint32)
    with pytest.raises(IndexError, match="a customer is not among 1"):
        points((one, np.zeros(1, np.int64), one), EVENTS, [(0, 1)], 1, sums=4)


def test_sums_outside_are_refused() -> None:
    none = np.zeros(1, np.uint32)
    with pytest.raises(IndexError, match="not among 3"):
        points((none, np.zeros(1, np.int64), none), EVENTS, [(0, 1)], 1, sums=3)
