"""What is learned of rows while they are read, beside NumPy."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.reading import fixed_point, mark_periods, span

RANDOM = np.random.default_rng(3)


@given(st.lists(st.floats() | st.floats(-3, 3) | st.integers(-(2**22), 2**22).map(lambda n: n / 2**21)))
def test_numbers_are_rounded_half_to_even(numbers: list[float]) -> None:
    whole = pl.Series(numbers, dtype=pl.Float64)
    fixed = fixed_point(whole.to_numpy(), 10**12, -7)
    kept = whole.filter(whole.abs() < 1e12)
    units = kept.cast(pl.Int64)
    below = ((kept - units) * 10**6).round(0, mode="half_to_even").cast(pl.Int64)
    assert fixed[np.abs(whole.to_numpy()) < 1e12].tolist() == (units * 10**6 + below).to_list()
    assert (fixed[~(np.abs(whole.to_numpy()) < 1e12)] == -7).all()


@pytest.mark.parametrize(("low", "width"), [(-1000, 7), (0, 1), (10**18, 10**15), (-(2**62), 2**58)])
def test_span_and_periods_are_those_of_the_rows_that_are_kept(low: int, width: int) -> None:
    time = RANDOM.integers(low, low + 30 * width, 200)
    fates = RANDOM.integers(0, 3, 200).astype(np.uint8)
    time[fates == 2] = -(2**63)
    kept = time[fates == 0]
    within = (int(kept.min()), int(kept.max()))
    assert span(time, fates) == within
    seen = np.zeros(within[1] // width - within[0] // width + 1, dtype=bool)
    mark_periods(time, fates, within[0] // width, width, seen)
    assert (np.flatnonzero(seen) + within[0] // width).tolist() == np.unique(kept // width).tolist()


def test_rows_of_which_none_is_kept_have_no_span() -> None:
    assert span(np.array([3, 4]), np.array([1, 2], dtype=np.uint8)) is None
