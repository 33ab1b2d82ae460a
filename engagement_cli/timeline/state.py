"""States: small tables that merge. Every column is a key, or declares how it merges.

`sum` adds integers (without end: a float sum, or one that wraps, would give other bytes), `min` and `max` keep one
value. A *union* of distinct things is a table of keys alone; exact quantiles are *runs*: the value among the keys, with
a count that sums. merge(parts) = whole, for any division of the customers into parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Whole
from engagement_cli.kernels.cells import Groups, grouped
from engagement_cli.kernels.layout import Layout, Packed
from engagement_cli.records import Record, field
from engagement_cli.timeline.cells import Cells, Schema, Texts
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.merging import Merge, merged, reduced
from engagement_cli.timeline.numbering import Key, layout_of, numbered

State = dict[str, Cells]
Column: TypeAlias = Key
_SCALAR = (int, str)


class StateTable(Record):
    """The columns of one table of a state: keys with their dtypes, and values with the way they merge."""

    keys: Mapping[str, pl.DataType | type[pl.DataType]]
    values: Mapping[str, Merge] = field(default_factory=dict)

    @cached_property
    def _schema(self) -> Schema:
        return {**self.keys, **{name: pl.Int128 if how == "sum" else pl.Int64 for name, how in self.values.items()}}

    @cached_property
    def _empty(self) -> Cells:
        texts = tuple(() if dtype == pl.String else None for dtype in self.keys.values())
        values = tuple(np.zeros(0, np.int64) for _ in self.values)
        return Cells(self._schema, texts, Layout(((0, 0),) * len(self.keys)), np.zeros((0, 1), np.uint64), values)

    def schema(self) -> Schema:
        """Dtypes of all columns: sums are Int128, minima and maxima Int64."""
        return self._schema

    def empty(self) -> Cells:
        """The state of no customers."""
        return self._empty

    def of(self, columns: Mapping[str, Column] | pl.DataFrame) -> Cells:
        """A table from columns of one row an observation (scalars are broadcast), grouped by the keys.

        Raises `ValueError` for a key that is neither texts nor whole numbers, and for a whole number that is missing.
        """
        if not (height := self._height(columns)):
            return self._empty
        layout, packed, texts = self._keys(columns, height)
        groups = grouped(packed, layout)
        values = tuple([_reduced(groups, how, columns[name]) for name, how in self.values.items()])
        return Cells(self._schema, texts, layout, groups.keys, values)

    def of_distinct(self, columns: Mapping[str, Column]) -> Cells:
        """As `of`, from rows whose keys are distinct and rise, with a value each."""
        if not (height := self._height(columns)):
            return self._empty
        layout, packed, texts = self._keys(columns, height)
        return Cells(self._schema, texts, layout, packed, tuple([_whole(columns[name]) for name in self.values]))

    def _height(self, columns: Mapping[str, Column] | pl.DataFrame) -> int:
        """The rows of columns."""
        return next((len(column) for name in self._schema if not isinstance(column := columns[name], _SCALAR)), 1)

    def _keys(
        self, columns: Mapping[str, Column] | pl.DataFrame, height: int
    ) -> tuple[Layout, Packed, tuple[Texts | None, ...]]:
        """The keys of all rows."""
        keys = [numbered(columns[name], height) for name in self.keys]
        layout = layout_of(keys)
        numbers, texts = zip(*keys, strict=True) if keys else ((), ())
        return layout, layout.packed(numbers, height), texts

    def of_all(self, parts: Sequence[Mapping[str, Column]]) -> Cells:
        """As `of`, from the observations of several parts, which are grouped together."""
        if not parts:
            return self._empty
        heights = [self._height(part) for part in parts]
        return self.of({name: _end_to_end([part[name] for part in parts], heights) for name in self._schema})

    def merge(self, parts: Iterable[Cells]) -> Cells:
        """Parts of a state as one."""
        return merged([part for part in parts if len(part)] or [self._empty], tuple(self.values.values()))


def merge_states(tables: Mapping[str, StateTable], parts: Sequence[State]) -> State:
    """Whole states from partial ones, table by table."""
    return {name: table.merge([part[name] for part in parts if name in part]) for name, table in tables.items()}


def _reduced(groups: Groups, how: Merge, column: Column) -> Whole:
    if isinstance(column, int):
        return groups.counts * column if how == "sum" else np.full(len(groups.counts), column)
    return reduced(groups, how, _whole(column))


def _whole(column: Column) -> Whole:
    """Whole numbers of any width as those of int64, or of Python where one is larger."""
    if isinstance(column, np.ndarray):
        if column.dtype == object or column.dtype.kind in "ib":
            return cast("Whole", column if column.dtype == object else column.astype(np.int64, copy=False))
        column = pl.Series(column)
    if not isinstance(column, pl.Series) or not (column.dtype.is_integer() or column.dtype == pl.Boolean):
        raise ValueError("expected whole numbers as values of a state")
    if column.null_count():
        raise ValueError("expected a number in every row of a state")
    narrow = column.cast(pl.Int64, strict=False)
    return np.array(column.to_list(), object) if narrow.null_count() else narrow.to_numpy()


def _end_to_end(parts: Sequence[Column], heights: Sequence[int]) -> Column:
    """One column of several parts, of which scalars stand for all rows of their part."""
    first = parts[0]
    if isinstance(first, int | str) and all(isinstance(part, int | str) and part == first for part in parts):
        return first
    if any(isinstance(part, Labels | str) for part in parts):
        labels = [Labels.same(p, n) if isinstance(p, str) else p for p, n in zip(parts, heights, strict=True)]
        return Labels.joined([part for part in labels if isinstance(part, Labels)])
    return np.concatenate([np.full(n, p) if isinstance(p, int) else p for p, n in zip(parts, heights, strict=True)])
