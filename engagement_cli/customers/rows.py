"""Rows of the unfinished customer table as a bucket gives them: plain arrays, which cost nothing to make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from engagement_cli.customers.family import Values
from engagement_cli.kernels.arrays import Flags
from engagement_cli.records import Record
from engagement_cli.timeline.rows import NO_NUMBER


class CustomerRows(Record):
    """Columns by name, with one value a customer: arrays, or series of texts and what else an export has.

    `NO_NUMBER` stands for a missing one among whole numbers, NaN among others.
    """

    columns: Mapping[str, Values]

    def __len__(self) -> int:
        """How many customers there are."""
        return len(next(iter(self.columns.values())))

    @property
    def size(self) -> int:
        """Their bytes."""
        return sum(_size(column) for column in self.columns.values())

    def of(self, customers: Flags) -> CustomerRows:
        """Those of some customers."""
        kept = np.flatnonzero(customers)
        return CustomerRows(
            {n: c.gather(kept) if isinstance(c, pl.Series) else c.take(kept) for n, c in self.columns.items()}
        )

    def frame(self) -> pl.DataFrame:
        """The same as a table, where what is missing is null."""
        return joined([self])

    @staticmethod
    def of_frame(table: pl.DataFrame) -> CustomerRows:
        """Rows of a table in which what is missing is null."""
        return CustomerRows({column.name: column for column in table.iter_columns()})


def _size(column: Values) -> int:
    return int(column.estimated_size()) if isinstance(column, pl.Series) else column.nbytes


def joined(parts: Sequence[CustomerRows]) -> pl.DataFrame:
    """Rows of the same columns, one behind the other, as a table where what is missing is null."""
    return pl.DataFrame([_joined([part.columns[name] for part in parts]).alias(name) for name in parts[0].columns])


def _joined(parts: Sequence[Values]) -> pl.Series:
    arrays = [part for part in parts if isinstance(part, np.ndarray)]
    if len(arrays) < len(parts):
        return pl.concat([_series(part) for part in parts], rechunk=True)
    return _series(np.concatenate(arrays))


def _series(values: Values) -> pl.Series:
    if isinstance(values, pl.Series):
        return values
    found = pl.Series(values, nan_to_null=True)
    if values.dtype == np.int64 and (missing := values == NO_NUMBER).any():
        return found.set(pl.Series(missing), None)
    return found
