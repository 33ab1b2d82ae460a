"""Visits of customers beside Python's own statistics."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.tallies import histories
from engagement_cli.native.visits import visits

ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 300), st.integers(0, 3)), max_size=60).map(sorted)
WINDOWS = [(-5, 35), (33, 104), (60, 60)]


@given(ROWS)
def test_visits_are_those_of_each_customer_alone(rows: list[tuple[int, int, int]]) -> None:
    customer, time, kind = np.array(rows, np.int64).reshape(-1, 3).T
    day = (time // 10).astype(np.int32)
    whole = histories(customer.astype(np.uint32), time, kind.astype(np.uint32), 3)
    found = visits(whole, day, np.array([True, False, True, True]), 290, WINDOWS)
    for who in range(3):
        times = [t for c, t, k in rows if c == who and k != 1 and t < 290]
        days = sorted({t // 10 for t in times})
        gaps = [b - a for a, b in pairwise(days)]
        assert found.gap[who] == (2 * median(gaps) if gaps else 0)
        if times:
            assert (found.first[who], found.last[who]) == (times[0], times[-1])
        for window, (begins, ends) in enumerate(WINDOWS):
            inside = [t for t in times if begins <= t < ends]
            assert found.events[window, who] == len(inside)
            assert found.days[window, who] == len({t // 10 for t in inside})


@given(st.lists(st.integers(1, 200), max_size=30))
def test_gaps_of_any_length_have_their_median(gaps: list[int]) -> None:
    day = np.cumsum([0, *gaps])
    whole = histories(np.zeros(len(day), np.uint32), day, np.zeros(len(day), np.uint32), 1)
    found = visits(whole, day.astype(np.int32), np.ones(1, np.bool_), 10_000, [])
    assert found.gap[0] == (2 * median(gaps) if gaps else 0)


def test_a_kind_without_a_flag_is_refused() -> None:
    one = np.ones(1, np.int64)
    whole = histories(one.astype(np.uint32), one, one.astype(np.uint32), 2)
    with pytest.raises(IndexError, match="a kind is not among 1"):
        visits(whole, one.astype(np.int32), np.ones(1, np.bool_), 9, WINDOWS)
