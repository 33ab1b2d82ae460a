"""States: small tables that merge. Every column is a key, or declares how it merges.

`sum` adds integers (as Int128: a float sum, or one that wraps, would give other bytes), `min` and `max` keep one value.
A *union* of distinct things is a table of keys alone; exact quantiles are *runs*: the value among the keys, with a
count that sums. merge(parts) = whole, for any division of the customers into parts.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Integers
from engagement_cli.kernels.cells import Groups, grouped
from engagement_cli.kernels.intervals import Floats
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.timeline.labels import Labels

Merge = Literal["sum", "min", "max"]
State = dict[str, pl.DataFrame]
Column: TypeAlias = "NDArray[np.generic] | pl.Series | Labels | int | str"
Name = TypeVar("Name", bound=Hashable)
Parts: TypeAlias = dict[Name, pl.DataFrame]
_FITS = 2.0**62
_MANY = 4096  # rows that are worth a query
_OF = "\x1fof"


@dataclass(frozen=True)
class StateTable:
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
        found = self._grouped(columns, height)
        return self._queried(columns, height) if found is None else found

    def of_all(self, parts: Sequence[Mapping[str, Column]]) -> pl.DataFrame:
        """As `of`, from the observations of several parts, which are grouped together."""
        if not parts:
            return self._empty
        heights = [_height(part) for part in parts]
        names = (*self.keys, *self.values)
        return self.of({name: _end_to_end([part[name] for part in parts], heights) for name in names})

    def _grouped(self, columns: Mapping[str, Column], height: int) -> pl.DataFrame | None:
        """By small integer keys, which costs no query; None where there are others, or sums that 64 bits don't hold."""
        codes: dict[str, Integers] = {}
        for name in self.keys:
            column = columns[name]
            if isinstance(column, Labels):
                codes[name] = column.codes
            elif isinstance(column, np.ndarray) and column.dtype.kind in "ib":
                codes[name] = column.astype(np.int64, copy=False)
            elif not isinstance(column, int | str):
                return None
        groups = grouped(list(codes.values()), height) if self.keys else None
        if groups is None:
            return None
        of_group = dict(zip(codes, groups.keys, strict=True))
        series = []
        for name, dtype in self.keys.items():
            column, code = columns[name], of_group.get(name)
            if isinstance(column, Labels):
                texts = [column.texts[i] for i in of_group[name].tolist()]
                series.append(pl.Series(name, texts, dtype=pl.String))
            elif code is not None:
                series.append(pl.Series(name, code).cast(dtype))
            else:
                series.append(pl.Series(name, [column] * len(groups.counts), dtype=dtype))
        for name, how in self.values.items():
            reduced = _reduced(groups, how, columns[name])
            if reduced is None:
                return None
            series.append(pl.Series(name, reduced).cast(self._schema[name]))
        return pl.DataFrame(series)

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
        if sum(part.height for part in parts) > _MANY and len(parts) > 1:
            return self.merge(parts)
        fitting = [part if part.schema == self._schema else self._widened(part) for part in parts]
        return fitting[0] if len(fitting) == 1 else pl.concat(fitting)

    def merge(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Parts of a state as one, sorted by the keys."""
        parts = [part for part in parts if part.height or not self.keys]
        if not parts:
            return self._empty
        whole = pl.concat([self._widened(part) for part in parts])
        values = [getattr(pl.col(name), how)() for name, how in self.values.items()]
        if not self.keys:
            return whole.select(values)
        return whole.group_by(list(self.keys)).agg(values).sort(list(self.keys))

    def _widened(self, part: pl.DataFrame) -> pl.DataFrame:
        """The state's columns in its order and dtypes."""
        return pl.DataFrame([part[name].cast(dtype) for name, dtype in self._schema.items()])


def _reduced(groups: Groups, how: Merge, column: Column) -> NDArray[np.int64] | None:
    if isinstance(column, int) and how == "sum":
        return groups.counts * column
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


def merge_states(tables: Mapping[str, StateTable], parts: Sequence[State]) -> State:
    """Whole states from partial ones, table by table."""
    return {name: tables[name].merge([part[name] for part in parts if name in part]) for name in tables}


def merge_all(tables: Mapping[Name, StateTable], parts: Mapping[Name, Sequence[pl.DataFrame]]) -> Parts[Name]:
    """Many states' parts as one each: those of equal columns in one query, for a query costs more than few rows."""
    alike: dict[object, list[Name]] = {}
    for name, table in tables.items():
        alike.setdefault((tuple(table.keys.items()), tuple(table.values.items())), []).append(name)
    found: Parts[Name] = {}
    for names in alike.values():
        few = [name for name in names if sum(part.height for part in parts.get(name, ())) <= _MANY]
        found |= {name: tables[name].merge(parts.get(name, ())) for name in names if name not in few}
        found |= _merged_together([tables[name] for name in few], few, parts)
    return {name: found[name] for name in tables}


def _merged_together(
    tables: Sequence[StateTable], names: Sequence[Name], parts: Mapping[Name, Sequence[pl.DataFrame]]
) -> Parts[Name]:
    """States of the same columns, merged with their number among the keys."""
    frames = [table.gather(parts.get(name, ())) for table, name in zip(tables, names, strict=True)]
    if not frames:
        return {}
    number = np.repeat(np.arange(len(frames)), [frame.height for frame in frames])
    table = StateTable({_OF: pl.Int64, **tables[0].keys}, tables[0].values)
    whole = table.merge([pl.DataFrame([pl.Series(_OF, number), *pl.concat(frames).get_columns()])])
    ends = np.searchsorted(whole[_OF].to_numpy(), np.arange(len(frames) + 1))
    whole = whole.drop(_OF)
    return {name: whole.slice(int(ends[i]), int(ends[i + 1] - ends[i])) for i, name in enumerate(names)}


def quantile(runs: pl.DataFrame, value: str, count: str, share: float, by: Sequence[str]) -> pl.DataFrame:
    """`quantiles` for one share: column `value` as Float64."""
    return quantiles(runs, value, count, {value: share}, by)


def quantiles(
    runs: pl.DataFrame, value: str, count: str, shares: Mapping[str, float], by: Sequence[str]
) -> pl.DataFrame:
    """Exact quantiles of runs: for each group `by`, the values at the shares (0.5: the median) by name, as Float64.

    Between two values it takes their linear interpolation at position share × (n − 1), as most tools do.
    """
    ordered = runs.sort(*by, value)
    if ordered.is_empty():
        return ordered.select(*by, **{name: pl.col(value).cast(pl.Float64) for name in shares})
    group = ordered.select(pl.struct(by).rle_id()).to_series().to_numpy() if by else np.zeros(ordered.height, np.int64)
    first = starts(group)
    up_to = np.cumsum(ordered[count].cast(pl.Int64).to_numpy())
    before = np.append(0, up_to)[first]
    last = up_to[first + lengths(first, ordered.height) - 1] - before - 1
    values = ordered[value].to_numpy()

    def at(place: Floats) -> Floats:
        return values[np.searchsorted(up_to, before + place.astype(np.int64), side="right")].astype(np.float64)

    def between(position: Floats) -> Floats:
        low = np.floor(position)
        return at(low) + (at(np.ceil(position)) - at(low)) * (position - low)

    found = [pl.Series(name, between(last * share)) for name, share in shares.items()]
    return ordered[list(by)][first].hstack(found) if by else pl.DataFrame(found)
