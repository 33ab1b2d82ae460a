"""The order that sorts beside NumPy's stable one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.order import order_of, order_of_rows


@given(st.lists(st.integers(-2, 2) | st.integers(-(2**63), 2**63 - 1)))
def test_numbers_come_from_the_least_to_the_largest(numbers: list[int]) -> None:
    keys = np.array(numbers, np.int64)
    assert order_of(keys).tolist() == np.argsort(keys, kind="stable").tolist()


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.uint32, np.uint64])
def test_numbers_of_all_widths_are_sorted(dtype: type[np.integer]) -> None:
    keys = np.random.default_rng(1).integers(np.iinfo(dtype).min, np.iinfo(dtype).max, 500, dtype)[::2]
    assert order_of(keys).tolist() == np.argsort(keys, kind="stable").tolist()


@given(st.integers(1, 3), st.lists(st.tuples(*[st.integers(0, 2) | st.integers(0, 2**64 - 1)] * 3)), st.integers(1, 40))
def test_rows_come_from_the_least_to_the_largest(words: int, rows: list[tuple[int, ...]], times: int) -> None:
    keys = np.array([row[:words] for row in rows] * times, np.uint64).reshape(-1, words)
    assert order_of_rows(keys).tolist() == np.lexsort(keys.T[::-1]).tolist()
