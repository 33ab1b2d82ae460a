"""Rows of the customer table as arrays: what is missing in them is null in the table."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.customers.rows import CustomerRows, joined, packed
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


def test_packed_rows_of_any_width_are_joined() -> None:
    numbers = [[1, NO_NUMBER, -127], [NO_NUMBER, 2**15, 0], [-128, 127, 5], [2**40, NO_NUMBER, 1]]
    everyone = np.ones(3, np.bool_)
    parts = [CustomerRows({"n": np.array(each)}).packed(everyone) for each in numbers]
    assert [part.columns["n"].dtype for part in parts] == [np.int8, np.int32, np.int16, np.int64]
    for count in range(1, 5):
        expected = [None if n == NO_NUMBER else n for each in numbers[:count] for n in each]
        narrow, dtypes = packed(parts[:count])
        assert joined(parts[:count])["n"].to_list() == narrow["n"].to_list() == expected
        assert dtypes == joined(parts[:count]).dtypes == [pl.Int64]


def test_some_customers_are_taken_of_every_column() -> None:
    taken = rows(1).packed(np.array([False, True]))
    assert taken.frame().rows() == EXPECTED[1:]
    assert taken.size < rows(1).size
