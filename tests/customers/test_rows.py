"""Rows of the customer table as arrays: what is missing in them is null in the table."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.customers.rows import CustomerRows, joined
from engagement_cli.timeline.bucket import HASH
from engagement_cli.timeline.rows import NO_NUMBER


def rows(first: int) -> CustomerRows:
    return CustomerRows(
        {
            HASH: np.array([first, first + 1], np.uint64),
            "orders": np.array([NO_NUMBER, first]),
            "felt": np.array([0.5, np.nan]),
            "paying": np.array([True, False]),
            "plan": pl.Series(["pro", None]),
        }
    )


EXPECTED = [(1, None, 0.5, True, "pro"), (2, 1, None, False, None)]


def test_what_is_missing_is_null() -> None:
    table = rows(1).frame()
    assert table.rows() == EXPECTED
    assert table.dtypes == [pl.UInt64, pl.Int64, pl.Float64, pl.Boolean, pl.String]


def test_rows_are_joined_whether_arrays_or_columns() -> None:
    parts = [rows(1), CustomerRows.of_frame(rows(3).frame())]
    assert joined(parts).rows() == [*EXPECTED, (3, None, 0.5, True, "pro"), (4, 3, None, False, None)]
    assert sum(map(len, parts)) == 4


def test_some_customers_are_taken_of_every_column() -> None:
    taken = rows(1).of(np.array([False, True]))
    assert taken.frame().rows() == EXPECTED[1:]
    assert taken.size < rows(1).size
