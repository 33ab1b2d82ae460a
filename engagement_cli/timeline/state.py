"""States: small tables that merge. Every column is a key, or declares how it merges.

`sum` adds integers (as Int128: a float sum, or one that wraps, would give other bytes), `min` and `max` keep one value.
A *union* of distinct things is a table of keys alone; exact quantiles are *runs*: the value among the keys, with a
count that sums. merge(parts) = whole, for any division of the customers into parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.cells import Groups, grouped
from engagement_cli.records import Record, field
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.numbering import Key, named, numbered
from engagement_cli.timeline.packing import joined, packed

Merge = Literal["sum", "min", "max"]
State = dict[str, pl.DataFrame]
Column: TypeAlias = Key
_FITS = 2.0**62
MANY = 4096  # rows that are worth a query


class StateTable(Record):
    """The columns of one table of a state: keys with their dtypes, and values with the way they merge."""

    keys: Mapping[str, pl.DataType | type[pl.DataType]]
    values: Mapping[str, Merge] = field(default_factory=dict)

    @cached_property
    def _schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        return {**self.keys, **{name: pl.Int128 if how == "sum" else pl.Int64 for name, how in self.values.items()}}

    @cached_property
    def _empty(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self._schema)

    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Dtypes of all columns: sums are Int128, minima and maxima Int64."""
        return self._schema

    def empty(self) -> pl.DataFrame:
        """The state of no customers."""
        return self._empty

    def of(self, columns: Mapping[str, Column]) -> pl.DataFrame:
        """A table from columns of one row an observation (scalars are broadcast), grouped by the keys."""
        height = _height(columns)
        if not height and self.keys:
            return self._empty
        found = self._grouped(columns, height) if height else None
        return self._queried(columns, height) if found is None else found

    def of_all(self, parts: Sequence[Mapping[str, Column]]) -> pl.DataFrame:
        """As `of`, from the observations of several parts, which are grouped together."""
        if not parts:
            return self._empty
        heights = [_height(part) for part in parts]
        names = (*self.keys, *self.values)
        return self.of({name: _end_to_end([part[name] for part in parts], heights) for name in names})

    def _grouped(self, columns: Mapping[str, Column], height: int) -> pl.DataFrame | None:
        """By keys as numbers, which costs no query; None where there are others, or sums that 64 bits don't hold."""
        keys = [numbered(columns[name], height) for name in self.keys]
        if None in keys:
            return None
        known = [key for key in keys if key is not None]
        groups = grouped([key.numbers for key in known], height)
        values = {name: _reduced(groups, how, columns[name]) for name, how in self.values.items()}
        if any(column is None for column in values.values()):
            return None
        of_group = dict(zip(self.keys, groups.keys, strict=True))
        texts = {name: key.texts for name, key in zip(self.keys, known, strict=True) if key.texts is not None}
        whole = {name: numbers for name, numbers in (of_group | values).items() if name not in texts}
        found = self._columns({name: numbers for name, numbers in whole.items() if numbers is not None})
        found |= {name: named(each, of_group[name]) for name, each in texts.items()}
        return pl.DataFrame([found[name].alias(name) for name in self._schema])

    def _columns(self, numbers: Mapping[str, Integers]) -> dict[str, pl.Series]:
        """Columns of whole numbers, made and widened as one: that costs more than their few rows."""
        if not numbers:
            return {}
        if any(column.dtype == np.uint64 for column in numbers.values()):
            return {name: pl.Series(column).cast(self._schema[name]) for name, column in numbers.items()}
        narrow = pl.Series(np.concatenate([*numbers.values()]))
        wide, rows = narrow.cast(pl.Int128), len(narrow) // len(numbers)
        found = {}
        for i, name in enumerate(numbers):
            dtype = self._schema[name]
            column = (wide if dtype == pl.Int128 else narrow).slice(i * rows, rows)
            found[name] = column if dtype in (pl.Int128, pl.Int64) else column.cast(dtype)
        return found

    def _queried(self, columns: Mapping[str, Column], height: int) -> pl.DataFrame:
        rows = pl.DataFrame([_as_series(name, column, height) for name, column in columns.items()])
        # Grouped in the narrow types that the columns come in, then widened: rows are many, groups are few.
        values = [
            _summed(rows[name]) if how == "sum" else getattr(pl.col(name), how)() for name, how in self.values.items()
        ]
        if not self.keys:
            return self._widened(rows.select(values))
        return self._widened(rows.group_by(list(self.keys)).agg(values)).sort(list(self.keys))

    def gather(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Parts of a state end to end. Keys may stand in several until all parts are merged, unless rows are many."""
        parts = [part for part in parts if part.height]
        if not parts:
            return self._empty
        if sum(part.height for part in parts) > MANY and len(parts) > 1:
            return self.merge(parts)
        return self.fitting(parts[0]) if len(parts) == 1 else pl.concat([self.fitting(part) for part in parts])

    def fitting(self, part: pl.DataFrame) -> pl.DataFrame:
        """A part, packed or not, with the columns in the state's order and dtypes."""
        return part if part.schema == self._schema else self._widened(part)

    def merge(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Parts of a state, packed or not, as one, sorted by the keys."""
        parts = [part for part in parts if part.height or not self.keys]
        if not parts:
            return self._empty
        if self.keys and sum(part.height for part in parts) > MANY:
            return self._merged_packed(parts)
        whole = pl.concat([self.fitting(part) for part in parts])
        return self.of({name: whole[name] for name in self._schema})

    def _merged_packed(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Many rows, merged in the narrowest dtypes: codes of texts are in the order of the texts."""
        whole = joined([packed(part) for part in parts])
        values = [
            _summed(whole[name]) if how == "sum" else getattr(pl.col(name), how)() for name, how in self.values.items()
        ]
        return self._widened(whole.group_by(list(self.keys)).agg(values).sort(list(self.keys)))

    def _widened(self, part: pl.DataFrame) -> pl.DataFrame:
        """The state's columns in its order and dtypes."""
        return pl.DataFrame([part[name].cast(dtype) for name, dtype in self._schema.items()])


def _reduced(groups: Groups, how: Merge, column: Column) -> Int64s | None:
    if isinstance(column, int):
        return groups.counts * column if how == "sum" else np.full(len(groups.counts), column)
    if isinstance(column, pl.Series):
        narrow = column.cast(pl.Int64, strict=False) if column.dtype.is_integer() else column
        if narrow.null_count():
            return None
        column = narrow.to_numpy()
    if not isinstance(column, np.ndarray) or column.dtype.kind not in "iub" or column.dtype == np.uint64:
        return None
    values: Integers = column.astype(np.int64, copy=False)
    if how == "sum":
        return groups.sum(values)
    return groups.minimum(values) if how == "min" else groups.maximum(values)


def _height(columns: Mapping[str, Column]) -> int:
    return max((len(c) for c in columns.values() if not isinstance(c, int | str)), default=1)


def _end_to_end(parts: Sequence[Column], heights: Sequence[int]) -> Column:
    """One column of several parts, of which scalars stand for all rows of their part."""
    first = parts[0]
    if isinstance(first, int | str) and all(isinstance(part, int | str) and part == first for part in parts):
        return first
    if any(isinstance(part, Labels | str) for part in parts):
        labels = [Labels.same(p, n) if isinstance(p, str) else p for p, n in zip(parts, heights, strict=True)]
        return Labels.joined([part for part in labels if isinstance(part, Labels)])
    return np.concatenate([np.full(n, p) if isinstance(p, int) else p for p, n in zip(parts, heights, strict=True)])


def _as_series(name: str, column: Column, height: int) -> pl.Series:
    if isinstance(column, Labels):
        return column.enum().alias(name)
    if isinstance(column, int | str):
        return pl.repeat(column, height, eager=True).alias(name)
    return pl.Series(name, column)


def _summed(column: pl.Series) -> pl.Expr:
    """The sum of a column, in 64 bits where it surely fits, else in 128."""
    fits = column.dtype.is_integer() and float(np.abs(column.cast(pl.Float64).to_numpy()).sum()) < _FITS
    return pl.col(column.name).cast(pl.Int64 if fits else pl.Int128).sum()
