"""Periods of instants beside a binary search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.periods import coarser_periods, period_index

EDGES = [-(2**63), -(2**62), -1, 0, 2**62, 2**63 - 1]
INSTANTS = st.one_of(st.integers(-50, 50), st.sampled_from(EDGES), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(INSTANTS), st.sets(INSTANTS, min_size=1))
def test_the_period_of_an_instant_is_that_of_a_binary_search(instants: list[int], begins: set[int]) -> None:
    bounds = np.array(sorted(begins), dtype=np.int64)
    time = np.concatenate([np.array(instants, dtype=np.int64), bounds])
    assert period_index(time, bounds).tolist() == (np.searchsorted(bounds, time, side="right") - 1).tolist()


def test_coarser_periods_are_looked_up() -> None:
    wider = np.array([0, 0, 1, 1, 1], np.int32)
    assert coarser_periods(np.array([4, 0, 2], np.int32), wider).tolist() == [1, 0, 1]
    for outside in (-1, 5):
        with pytest.raises(IndexError, match="a period is not among 5"):
            coarser_periods(np.array([0, outside], np.int32), wider)
