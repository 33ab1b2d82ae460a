"""Columns where they lie, beside Polars."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.arrow import filled_numbers, filled_rows, in_rows, texts_of

PARTS = st.lists(st.lists(st.none() | st.floats(allow_nan=False), max_size=150), min_size=1, max_size=3)


@given(PARTS, st.integers(0, 70))
def test_rows_that_are_filled_and_their_numbers(parts: list[list[float | None]], skipped: int) -> None:
    column = pl.concat([pl.Series(part, dtype=pl.Float64) for part in parts], rechunk=False)[skipped:]
    rows, numbers = filled_numbers(column)
    assert rows.tolist() == column.is_not_null().arg_true().to_list() == filled_rows(column.cast(pl.String)).tolist()
    assert numbers.tolist() == column.drop_nulls().to_list()


def test_a_column_of_nothing_but_nulls_has_no_filled_row() -> None:
    assert filled_rows(pl.Series([None, None])).tolist() == []


def test_texts_are_read_of_texts_alone() -> None:
    assert [len(piece) for piece in texts_of(pl.Series(["a", None, "a text of many letters"]))] == [3]
    with pytest.raises(TypeError, match="views"):
        texts_of(pl.Series([1]))


def test_values_stand_in_their_rows() -> None:
    found = in_rows(np.array([7, 9], np.uint64), np.array([1, 3], np.uint32), 5, np.uint64(2))
    assert found.tolist() == [2, 7, 2, 9, 2]
