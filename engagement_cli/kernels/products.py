"""Exact sums of products by group: 64 bits do not hold the squares of long times or large amounts, 128 bits do."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.runs import run_of_row

_HALF = 20  # bits
_SMALL = 1 << 40
_MANY = 1 << 21
_FITS = 2.0**62


def sums_of_products(order: Int64s | None, at: Int64s, x: Int64s, y: Int64s) -> pl.Series:
    """Σ x·y of each run of rows (Int128); runs begin at the places `at` once rows are in `order` (None: they are)."""
    if order is not None:
        x, y = x[order], y[order]
    if not len(x):
        return pl.Series(dtype=pl.Int128)
    largest = float(np.abs(x).max()) * float(np.abs(y).max())
    if largest * len(x) < _FITS:
        return pl.Series(np.add.reduceat(x * y, at)).cast(pl.Int128)
    if max(int(np.abs(x).max()), int(np.abs(y).max())) >= _SMALL or len(x) > _MANY:
        return _wide(at, x, y)
    # Each factor is high · 2²⁰ + low: no product of parts has more than 40 bits, no sum of them more than 62.
    low = np.int64((1 << _HALF) - 1)
    x_high, x_low, y_high, y_low = x >> _HALF, x & low, y >> _HALF, y & low
    crossed = x_high * y_low
    crossed += x_low * y_high
    parts = (np.add.reduceat(part, at) for part in (x_high * y_high, crossed, x_low * y_low))
    high, middle, least = (pl.Series(part).cast(pl.Int128) for part in parts)
    unit = pl.Series([1 << _HALF], dtype=pl.Int128)
    return (high * unit + middle) * unit + least


def _wide(at: Int64s, x: Int64s, y: Int64s) -> pl.Series:
    rows = pl.DataFrame({"run": run_of_row(at, len(x)), "x": x, "y": y}).cast({"x": pl.Int128, "y": pl.Int128})
    return rows.group_by("run", maintain_order=True).agg((pl.col("x") * pl.col("y")).sum().alias("sum"))["sum"]
