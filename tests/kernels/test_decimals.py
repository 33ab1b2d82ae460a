from __future__ import annotations

from decimal import Decimal

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.decimals import decimals, over, to_millionths

AMOUNTS = st.lists(st.one_of(st.none(), st.integers(-(10**15), 10**15)), min_size=2, max_size=20)


@settings(max_examples=80)
@given(AMOUNTS)
def test_fixed_point_becomes_the_float_that_the_decimal_reads_as(fixed: list[int | None]) -> None:
    expected = [None if f is None else float(Decimal(f) / 1_000_000) for f in fixed]
    assert decimals(pl.Series("x", fixed, dtype=pl.Int128)).to_list() == expected


def test_a_series_of_nothing_stays_one() -> None:
    assert decimals(pl.Series("x", [], dtype=pl.Int128)).to_list() == []
    assert over(pl.Series("x", [None, None], dtype=pl.Float64), 7).to_list() == [None, None]


@settings(max_examples=80)
@given(st.lists(st.tuples(*[st.integers(-(10**14), 10**14)] * 2), min_size=2, max_size=20))
def test_the_difference_of_two_decimals_is_a_decimal(pairs: list[tuple[int, int]]) -> None:
    left, right = (np.array(side) / 1_000_000 for side in zip(*pairs, strict=True))
    largest = np.maximum(np.abs(left), np.abs(right))
    assert to_millionths(left - right, largest).tolist() == [(a - b) / 1_000_000 for a, b in pairs]


def test_a_number_that_is_no_such_decimal_stays() -> None:
    odd = np.array([np.nan, np.inf, 1e300, 123456789012345.67, 1 / 3, 0.1 + 0.2])
    largest = np.array([np.nan, np.inf, 1e300, 123456789012345.67, 1, 0.2])
    np.testing.assert_array_equal(to_millionths(odd, largest), [*odd[:-1], 0.3])
