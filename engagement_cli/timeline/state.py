"""States: small tables that merge. Every column is a key, or declares how it merges.

`sum` adds integers (as Int128: a float sum, or one that wraps, would give other bytes), `min` and `max` keep one value.
A *union* of distinct things is a table of keys alone; exact quantiles are *runs*: the value among the keys, with a
count that sums. merge(parts) = whole, for any division of the customers into parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Merge = Literal["sum", "min", "max"]
State = dict[str, pl.DataFrame]
_FITS = 2.0**62
Column = NDArray[np.generic] | pl.Series | int | str


@dataclass(frozen=True)
class StateTable:
    """The columns of one table of a state: keys with their dtypes, and values with the way they merge."""

    keys: Mapping[str, pl.DataType | type[pl.DataType]]
    values: Mapping[str, Merge] = field(default_factory=dict)

    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Dtypes of all columns: sums are Int128, minima and maxima Int64."""
        return {**self.keys, **{name: pl.Int128 if how == "sum" else pl.Int64 for name, how in self.values.items()}}

    def empty(self) -> pl.DataFrame:
        """The state of no customers."""
        return pl.DataFrame(schema=self.schema())

    def of(self, columns: Mapping[str, Column]) -> pl.DataFrame:
        """A table from columns of one row an observation (scalars are broadcast), grouped by the keys."""
        height = max((len(c) for c in columns.values() if not isinstance(c, int | str)), default=1)
        series = [
            pl.repeat(c, height, eager=True).alias(name) if isinstance(c, int | str) else pl.Series(name, c)
            for name, c in columns.items()
        ]
        # Grouped in the narrow types that the columns come in, then widened: rows are many, groups are few.
        rows = pl.DataFrame(series)
        values = [
            _summed(rows[name]) if how == "sum" else getattr(pl.col(name), how)() for name, how in self.values.items()
        ]
        if not self.keys:
            return self._widened(rows.select(values))
        return self._widened(rows.group_by(list(self.keys)).agg(values)).sort(list(self.keys))

    def merge(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Parts of a state as one, sorted by the keys."""
        if not parts:
            return self.empty()
        whole = pl.concat([self._widened(part) for part in parts])
        values = [getattr(pl.col(name), how)() for name, how in self.values.items()]
        if not self.keys:
            return whole.select(values)
        return whole.group_by(list(self.keys)).agg(values).sort(list(self.keys))

    def _widened(self, part: pl.DataFrame) -> pl.DataFrame:
        """The state's columns in its order and dtypes."""
        return pl.DataFrame([part[name].cast(dtype) for name, dtype in self.schema().items()])


def _summed(column: pl.Series) -> pl.Expr:
    """The sum of a column, in 64 bits where it surely fits, else in 128."""
    fits = column.dtype.is_integer() and float(np.abs(column.cast(pl.Float64).to_numpy()).sum()) < _FITS
    return pl.col(column.name).cast(pl.Int64 if fits else pl.Int128).sum()


def merge_states(tables: Mapping[str, StateTable], parts: Sequence[State]) -> State:
    """Whole states from partial ones, table by table; one alone is whole already."""
    found = {name: [part[name] for part in parts if name in part] for name in tables}
    return {name: of[0] if len(of) == 1 else tables[name].merge(of) for name, of in found.items()}


def quantile(runs: pl.DataFrame, value: str, count: str, share: float, by: Sequence[str]) -> pl.DataFrame:
    """Exact quantiles of runs: for each group `by`, the value at `share` (0.5: the median), column `value` as Float64.

    Between two values it takes their linear interpolation at position share × (n − 1), as most tools do.
    """
    by = list(by)
    keyed = by or ["_all"]
    table = runs if by else runs.with_columns(pl.lit(0).alias("_all"))
    ordered = table.sort(*keyed, value).with_columns(pl.col(count).cast(pl.Int64).cum_sum().over(keyed).alias("_to"))
    totals = ordered.group_by(keyed).agg(pl.col("_to").max().alias("_n"))
    at = totals.with_columns(position=(pl.col("_n") - 1) * share)
    ranked = ordered.join(at, on=keyed)
    low, high = pl.col("position").floor(), pl.col("position").ceil()
    picked = ranked.group_by(keyed).agg(
        pl.col(value).filter(pl.col("_to") > low).min().cast(pl.Float64).alias("_low"),
        pl.col(value).filter(pl.col("_to") > high).min().cast(pl.Float64).alias("_high"),
        (pl.col("position") - low).first().alias("_rest"),
    )
    result = picked.select(*keyed, (pl.col("_low") + (pl.col("_high") - pl.col("_low")) * pl.col("_rest")).alias(value))
    return result.sort(keyed).select(*by, value)
