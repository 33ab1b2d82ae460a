"""What the counting of retention takes; tests/kernels follows each member of each cohort."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.retention import Asked, totals
from engagement_cli.records import replace

DAYS = Asked(
    bounds=np.array([0, 10, 20, 30, 40]),
    first_cohort=1,
    cohorts=2,
    since=10,
    until=30,
    as_of=40,
    seen=40,
    brackets=[(0, 0), (1, 1)],
    length=0,
    or_after=False,
    first_time=False,
    min_count=1,
)
CUSTOMER = np.array([0, 0, 0, 1], np.uint32)
TIME = np.array([10, 19, 30, 29])
KIND = np.array([0, 1, 1, 2], np.uint32)
ROLES = np.array([1, 2, 3], np.uint8)


def test_counts_lie_by_group_cohort_and_bracket() -> None:
    found = totals(CUSTOMER, TIME, KIND, ROLES, DAYS, np.array([1, 0, 0, 0]), 2)
    assert found.size.tolist() == [[0, 1], [1, 0]]
    assert found.eligible.tolist() == [[[0, 0], [1, 1]], [[1, 1], [0, 0]]]
    assert found.retained.tolist() == [[[0, 0], [1, 0]], [[1, 0], [0, 0]]]
    assert found.sums[0].tolist() == [[1, 1], [1, 1]]


def test_returns_are_seen_before_an_instant_and_steps_longer_than_time_end_never() -> None:
    elapsed = replace(DAYS, length=2**62, seen=29, first_time=True)
    found = totals(CUSTOMER, TIME, KIND, ROLES, elapsed, None, 1)
    assert found.so_far.tolist() == [[[1, 0], [0, 0]]]
    assert found.eligible.sum() == 0


def test_several_groups_need_one_a_row() -> None:
    with pytest.raises(ValueError, match="a group a row"):
        totals(CUSTOMER, TIME, KIND, ROLES, DAYS, None, 2)
