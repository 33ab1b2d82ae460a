"""Rows of the unfinished customer table as a bucket gives them: plain arrays, which cost nothing to make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.customers.family import Values
from engagement_cli.kernels.arrays import Flags
from engagement_cli.native.narrow import narrowed
from engagement_cli.native.rows import Positions, where
from engagement_cli.records import Record
from engagement_cli.timeline.packing import packed_column


class CustomerRows(Record):
    """Columns by name, with one value a customer: arrays, or series of texts and what else an export has.

    Whole numbers may have any signed dtype, whose least number stands for a missing one; NaN does among others.
    """

    columns: Mapping[str, Values]

    def __len__(self) -> int:
        """How many customers there are."""
        return len(next(iter(self.columns.values())))

    @property
    def size(self) -> int:
        """Their bytes in a table, where no number is narrow."""
        return sum(_size(column) for column in self.columns.values())

    def packed(self, customers: Flags) -> CustomerRows:
        """Those of some customers, with whole numbers in as few bytes as hold them."""
        at = None if customers.all() else where(customers)
        room = np.empty(len(customers), np.uint64)
        return CustomerRows({name: _packed(column, at, room) for name, column in self.columns.items()})

    def frame(self) -> pl.DataFrame:
        """The same as a table, where what is missing is null."""
        return joined([self])

    @staticmethod
    def of_frame(table: pl.DataFrame) -> CustomerRows:
        """Rows of a table in which what is missing is null."""
        return CustomerRows({column.name: column for column in table.iter_columns()})


def _size(column: Values) -> int:
    if isinstance(column, pl.Series):
        return int(
            column.cast(pl.String).estimated_size() if isinstance(column.dtype, pl.Enum) else column.estimated_size()
        )
    return len(column) * (np.dtype(np.int64) if column.dtype.kind == "i" else column.dtype).itemsize


def _packed(column: Values, at: Positions | None, room: NDArray[np.uint64]) -> Values:
    if isinstance(column, pl.Series):
        return column if at is None else column.gather(pl.Series(at))
    if column.dtype == np.int64:
        return narrowed(column.view(np.int64), at, room)
    return column if at is None else column.take(at)


def joined(parts: Sequence[CustomerRows]) -> pl.DataFrame:
    """Rows of the same columns, one behind the other, as a table where what is missing is null."""
    return pl.DataFrame([column.cast(dtype) for column, dtype in _columns(parts)])


def packed(parts: Sequence[CustomerRows]) -> tuple[pl.DataFrame, list[pl.DataType]]:
    """The same in as few bytes as hold it, and the dtypes of the table."""
    columns, dtypes = zip(*_columns(parts), strict=True)
    return pl.DataFrame([packed_column(column) for column in columns]), [*dtypes]


def _columns(parts: Sequence[CustomerRows]) -> Iterator[tuple[pl.Series, pl.DataType]]:
    """The columns, of which whole numbers stay as narrow as they are, and their dtypes in the table."""
    for name in parts[0].columns:
        each = [part.columns[name] for part in parts]
        arrays = [column for column in each if isinstance(column, np.ndarray)]
        if len(arrays) == len(each):
            whole = _series(_concatenated(arrays))
            yield whole.alias(name), pl.Int64() if whole.dtype.is_signed_integer() else whole.dtype
        else:
            series = [column if isinstance(column, pl.Series) else _wide(column) for column in each]
            whole = pl.concat(series, rechunk=True)
            yield whole.alias(name), pl.String() if isinstance(whole.dtype, pl.Enum) else whole.dtype


def _concatenated(parts: Sequence[NDArray[np.generic]]) -> NDArray[Any]:
    whole, at = np.concatenate(parts), 0
    for part in parts:
        if part.dtype != whole.dtype:
            whole[at : at + len(part)][_missing(part)] = np.iinfo(whole.dtype).min
        at += len(part)
    return whole


def _missing(values: NDArray[Any]) -> Flags:
    """Which whole numbers are missing."""
    return np.asarray(values == np.iinfo(values.dtype).min)


def _wide(values: NDArray[np.generic]) -> pl.Series:
    found = _series(values)
    return found.cast(pl.Int64) if found.dtype.is_signed_integer() else found


def _series(values: NDArray[np.generic]) -> pl.Series:
    found = pl.Series(values, nan_to_null=True)
    if values.dtype.kind == "i" and (missing := _missing(values)).any():
        return found.set(pl.Series(missing), None)
    return found
