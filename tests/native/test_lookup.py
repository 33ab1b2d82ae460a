"""Places among rising numbers beside a search by halving."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.lookup import doubled_places

ENDS = st.sampled_from([-(2**63), -(2**63) + 1, 2**63 - 1])
NUMBERS = st.lists(st.integers(-9, 9) | st.integers(-(10**9), 10**9) | ENDS, max_size=30)


@settings(max_examples=200)
@given(NUMBERS, NUMBERS)
def test_twice_the_first_place_that_is_not_below_and_one_more_where_it_is_equal(
    numbers: list[int], asked: list[int]
) -> None:
    rising = sorted({*numbers})
    found = doubled_places(np.array(rising, np.int64), np.array(asked, np.int64))
    assert found.tolist() == [2 * bisect_left(rising, number) + (number in rising) for number in asked]


def test_many_numbers_that_are_crowded_in_one_place() -> None:
    rng = np.random.default_rng(1)
    rising = np.unique(np.concatenate([rng.integers(0, 50_000, 20_000), rng.integers(0, 2**62, 50)]))
    asked = np.concatenate([rising, rising + 1, rng.integers(-5, 2**62, 1000)])
    expected = 2 * np.searchsorted(rising, asked) + np.isin(asked, rising)
    assert (doubled_places(rising, asked) == expected).all()


def test_numbers_of_another_type_are_refused() -> None:
    with pytest.raises(TypeError):
        doubled_places(np.arange(3, dtype=np.int32), np.arange(3))
