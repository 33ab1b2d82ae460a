"""Columns of tables as arrays, without a query where none is needed: a small one takes longer than all else of them."""

from __future__ import annotations

import polars as pl

from engagement_cli.kernels.arrays import Int64s


def whole(column: pl.Series, missing: int) -> Int64s:
    """Whole numbers as int64, with one that stands where there is none."""
    numbers = column.cast(pl.Int64)
    return numbers.fill_null(missing).to_numpy() if numbers.null_count() else numbers.to_numpy()


def known(column: pl.Series) -> pl.Series:
    """The values that are not null."""
    return column.drop_nulls() if column.null_count() else column
