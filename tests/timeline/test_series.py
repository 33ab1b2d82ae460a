"""Columns of tables as arrays: what stands for nulls, and that nothing else changes."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from engagement_cli.timeline.series import known, whole


@pytest.mark.parametrize("dtype", [pl.UInt32, pl.Int64])
def test_whole_numbers_are_exact_and_nulls_are_what_stands_for_them(dtype: type[pl.DataType]) -> None:
    largest = 2**63 - 1 if dtype is pl.Int64 else 2**32 - 1
    assert whole(pl.Series([1, None, largest], dtype=dtype), -1).tolist() == [1, -1, largest]
    found = whole(pl.Series([1, largest], dtype=dtype), -1)
    assert found.tolist() == [1, largest]
    assert found.dtype == np.int64


def test_a_column_of_nothing_is_all_missing() -> None:
    assert whole(pl.Series([None, None]), 7).tolist() == [7, 7]
    assert whole(pl.Series([], dtype=pl.Null), 7).tolist() == []


def test_values_that_are_not_null_are_known() -> None:
    assert known(pl.Series([1, None, 2])).to_list() == [1, 2]
    assert known(pl.Series([1, 2])).to_list() == [1, 2]
