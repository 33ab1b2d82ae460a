"""Sums over customers of x and y, their squares and products: what a customer-clustered interval of Σx ÷ Σy needs."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.timeline.state import StateTable

MOMENTS = StateTable(
    SEGMENT_AND_PERIOD, {"x": "sum", "y": "sum", "xx": "sum", "yy": "sum", "xy": "sum", "n": "sum", "rows": "sum"}
)
_EXACT = 2**53  # whole numbers below it are exact as float64, and so are their sums below it
_NOBODY = -1


def moments(
    customer: Int64s, period: NDArray[np.int32], labels: pl.Series, x: Int64s, y: Int64s, cap: int | None = None
) -> pl.DataFrame:
    """The state `MOMENTS` of rows that add x and y to a customer (−1: nobody, each row stands for itself).

    `n` counts those with any y; with `cap`, a customer's x counts at most so much in a period.
    """
    if not len(period):
        return MOMENTS.empty()
    names, group = _coded(labels)
    first = int(period.min())
    periods = int(period.max()) - first + 1
    cell = group * periods + (period - first)
    cells = len(names) * periods
    key = np.where(customer == _NOBODY, np.arange(len(cell)) + int(customer.max()) + 1, customer) * cells + cell
    order = None if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")
    if order is not None:
        key, cell, x, y = key[order], cell[order], x[order], y[order]
    at = starts(key)
    sums_x, sums_y = _run_sums(x, at), _run_sums(y, at)
    if cap is not None:
        sums_x = sums_x.clip(upper_bound=cap)
    counted = lengths(at, len(key))
    table = _cell_sums(cell[at], sums_x, sums_y, counted, cells)
    return MOMENTS.merge(
        [
            table.with_columns(
                pl.Series("segments", names, dtype=pl.String).gather(table["cell"] // periods).alias("segments"),
                period=(table["cell"] % periods + first).cast(pl.Int32),
            )
        ]
    )


def _coded(labels: pl.Series) -> tuple[list[str], Int64s]:
    """The distinct labels in order, and each row's position among them."""
    dtype = labels.dtype
    if not isinstance(dtype, pl.Enum):
        dtype = pl.Enum(labels.unique().sort())
        labels = labels.cast(dtype)
    return dtype.categories.to_list(), labels.to_physical().to_numpy().astype(np.int64)


def _run_sums(values: Int64s, at: Int64s) -> pl.Series:
    """Exact sums of runs: Int64 where they surely fit, else Int128."""
    if float(np.abs(values.astype(np.float64)).sum()) < 2**62:
        return pl.Series(np.add.reduceat(values, at))
    runs = np.repeat(np.arange(len(at)), lengths(at, len(values)))
    table = pl.DataFrame({"run": runs, "value": values}).group_by("run", maintain_order=True)
    return table.agg(pl.col("value").cast(pl.Int128).sum())["value"]


def _cell_sums(cell: Int64s, x: pl.Series, y: pl.Series, rows: Int64s, cells: int) -> pl.DataFrame:
    """Sums, squares and products of one x and y a customer and cell, by cell."""
    a, b = x.cast(pl.Float64).to_numpy(), y.cast(pl.Float64).to_numpy()
    largest = float(max(np.abs(a).max(), np.abs(b).max()))
    if largest**2 * len(cell) < _EXACT and cells < 10_000_000:
        weights = {
            "x": a,
            "y": b,
            "xx": a * a,
            "yy": b * b,
            "xy": a * b,
            "n": (b != 0).astype(np.float64),
            "rows": rows,
        }
        found = np.flatnonzero(np.bincount(cell, minlength=cells))
        sums = {name: np.bincount(cell, weight, cells)[found].astype(np.int64) for name, weight in weights.items()}
        return pl.DataFrame({"cell": found, **sums})
    wide = pl.DataFrame({"cell": cell, "x": x.cast(pl.Int128), "y": y.cast(pl.Int128), "rows": rows})
    return wide.group_by("cell").agg(
        pl.col("x", "y", "rows").sum(),
        (pl.col("x") * pl.col("x")).sum().alias("xx"),
        (pl.col("y") * pl.col("y")).sum().alias("yy"),
        (pl.col("x") * pl.col("y")).sum().alias("xy"),
        (pl.col("y") != 0).sum().alias("n"),
    )
