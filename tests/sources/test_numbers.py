"""Numbers: fixed point with six decimals, bad cells, amounts a month."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.billing import monthly
from engagement_cli.sources.numbers import as_text, fixed_point, is_bad


def fixed(cells: list[object], dtype: pl.DataType | None = None) -> list[int | None]:
    series = pl.Series("x", cells, dtype=dtype)
    return series.to_frame().select(fixed_point(pl.col("x"), series.dtype)).to_series().to_list()


def test_text_and_numbers_become_fixed_point():
    assert fixed(["29.33", "-1.5", "1e3", "", None]) == [29_330_000, -1_500_000, 1_000_000_000, None, None]
    assert fixed([3, -4]) == [3_000_000, -4_000_000]
    assert fixed([0.1, 2.5]) == [100_000, 2_500_000]


@pytest.mark.parametrize("cell", ["abc", "NaN", "inf", "-inf", "9.2e12", "1,5", "$5", "1e400"])
def test_what_is_no_usable_number_is_bad(cell):
    frame = pl.DataFrame({"x": [cell]})
    parsed = fixed_point(pl.col("x"), pl.String())
    assert frame.select(parsed).item() is None
    assert frame.select(is_bad(pl.col("x"), pl.String(), parsed)).item() is True


def test_integers_out_of_range_are_null_and_do_not_wrap():
    assert fixed([9_199_999_999_999, 9_200_000_000_000, -(2**62)]) == [9_199_999_999_999_000_000, None, None]


def test_half_to_even():
    assert fixed(["0.0000005", "0.0000015", "0.0000025"]) == [0, 2, 2]


@given(st.decimals(-(10**9), 10**9, places=6))
@settings(max_examples=60)
def test_six_decimals_are_exact(number):
    assert fixed([str(number)]) == [int(number * 10**6)]


def test_ids_keep_their_writing():
    frame = pl.DataFrame({"x": ["0001", "NA", "17850.0", "", " "]})
    assert frame.select(as_text(pl.col("x"), pl.String())).to_series().to_list() == [
        "0001",
        "NA",
        "17850.0",
        None,
        None,
    ]
    assert pl.DataFrame({"x": [17850]}).select(as_text(pl.col("x"), pl.Int64())).item() == "17850"
    assert pl.DataFrame({"x": [17850.0]}).select(as_text(pl.col("x"), pl.Float64())).item() == "17850.0"


@given(st.integers(-(10**15), 10**15), st.sampled_from([("year", 1, 12), ("Quarterly", 1, 3), ("week", 52, 12)]))
@settings(max_examples=80)
def test_amounts_a_month_are_rounded_once_half_to_even(amount, billing):
    word, times, by = billing
    frame = pl.DataFrame({"a": [amount], "b": [word]})
    exact = (Decimal(amount) * times / by).quantize(Decimal(1), ROUND_HALF_EVEN)
    assert frame.select(monthly(pl.col("a"), pl.col("b"))).item() == int(exact)


def test_unknown_billing_is_null():
    assert pl.DataFrame({"a": [1], "b": ["decade"]}).select(monthly(pl.col("a"), pl.col("b"))).item() is None
