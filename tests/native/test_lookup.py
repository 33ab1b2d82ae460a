"""Places among rising numbers beside a search by halving."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.lookup import places_among

ENDS = st.sampled_from([-(2**63), -(2**63) + 1, 2**63 - 1])
NUMBERS = st.lists(st.integers(-9, 9) | st.integers(-(10**9), 10**9) | ENDS, max_size=30)


@settings(max_examples=200)
@given(NUMBERS, NUMBERS)
def test_the_first_place_that_is_not_below(numbers: list[int], asked: list[int]) -> None:
    rising = sorted(numbers)
    found = places_among(np.array(rising, np.int64), np.array(asked, np.int64))
    assert found.tolist() == [bisect_left(rising, number) for number in asked]


def test_many_numbers_that_are_crowded_in_one_place() -> None:
    rng = np.random.default_rng(1)
    rising = np.unique(np.concatenate([rng.integers(0, 50_000, 20_000), rng.integers(0, 2**62, 50)]))
    asked = np.concatenate([rising, rising + 1, rng.integers(-5, 2**62, 1000)])
    assert (places_among(rising, asked) == np.searchsorted(rising, asked)).all()


def test_numbers_of_another_type_are_refused() -> None:
    with pytest.raises(TypeError):
        places_among(np.arange(3, dtype=np.int32), np.arange(3))
