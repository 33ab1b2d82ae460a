"""Rows less others, against counting them; funnels over rows of equal time (tests/kernels has all else of funnels)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.funnel import Keys, sequential, without

Row = tuple[int, int, int]
ROWS = st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 2), st.integers(0, 1)))


def keys(rows: list[Row]) -> Keys:
    customer, time, kind = np.array(rows, np.int64).reshape(-1, 3).T
    return customer.astype(np.uint32), time.copy(), kind.astype(np.uint32)


@given(ROWS, st.data())
def test_one_equal_row_is_taken_out_for_each_of_the_others(rows: list[Row], data: st.DataObject) -> None:
    rows.sort()
    others = sorted(row for row in rows if data.draw(st.booleans()))
    keep = without(keys(rows), keys(others))
    left = [row for row, kept in zip(rows, keep.tolist(), strict=True) if kept]
    assert Counter(left) == Counter(rows) - Counter(others)


@pytest.mark.parametrize(("masks", "depth"), [([4, 2, 1], 3), ([3, 3], 2), ([7, 1, 1], 2), ([6, 3, 1], 3), ([5, 2], 2)])
def test_rows_of_one_time_fill_as_many_steps_as_they_can_together(masks: list[int], depth: int) -> None:
    rows = len(masks)
    columns = np.zeros(rows, np.uint32), np.zeros(rows, np.int64), np.array(masks, np.uint32)
    *_, reached, times = sequential(*columns, 3, 0, np.array([0, 1]), first_only=False)
    assert reached.tolist() == [depth]
    assert times[:depth, 0].tolist() == [0] * depth


def test_a_customer_enters_once_a_period_and_not_outside_of_all() -> None:
    time = np.array([-1, 0, 3, 5, 6, 9, 10])
    columns = np.zeros(7, np.uint32), time, np.array([1, 1, 1, 1, 2, 1, 2], np.uint32)
    row, period, depth, times = sequential(*columns, 2, 5, np.array([0, 5, 6, 10]), first_only=False)
    assert row.tolist() == [2, 3, 5]
    assert period.tolist() == [0, 1, 2]
    assert depth.tolist() == [2, 2, 2]
    assert times.tolist() == [[3, 5, 9], [6, 6, 10]]


def test_more_steps_than_bits_and_columns_of_different_length_are_refused() -> None:
    one = np.zeros(1, np.uint32)
    for steps, rows in ((0, 1), (31, 1), (2, 2)):
        with pytest.raises(ValueError, match="steps"):
            sequential(one, np.zeros(rows, np.int64), one, steps, 1, np.array([0, 1]), first_only=True)
