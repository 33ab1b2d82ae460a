"""Sums over customers of x and y, their squares and products: what a customer-clustered interval of Σx ÷ Σy needs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.state import StateTable

MOMENTS = StateTable(
    SEGMENT_AND_PERIOD, {"x": "sum", "y": "sum", "xx": "sum", "yy": "sum", "xy": "sum", "n": "sum", "rows": "sum"}
)
_EXACT = 2**53  # whole numbers below it are exact as float64, and so are their sums below it
_NOBODY = -1


def moments(
    customer: Int64s,
    period: NDArray[np.int32],
    labels: Labels,
    x: Int64s,
    y: Int64s,
    cap: int | None = None,
    *,
    once: bool = False,
) -> pl.DataFrame:
    """The state `MOMENTS` of rows that add x and y to a customer (−1: nobody, each row stands for itself).

    `n` counts those with any y; with `cap`, a customer's x counts at most so much in a period. `once` promises that no
    customer has two rows of one period and label.
    """
    if not len(period):
        return MOMENTS.empty()
    first = int(period.min())
    periods = int(period.max()) - first + 1
    cell = labels.codes * periods + (period - first)
    cells = len(labels.texts) * periods
    if once:
        return _moments_of_cells(cell, periods, first, labels, pl.Series(x), pl.Series(y), np.ones(len(cell), np.int64))
    whose = customer
    if int(customer.min()) == _NOBODY:
        whose = np.where(customer == _NOBODY, np.arange(len(cell)) + int(customer.max()) + 1, customer)
    key = whose * cells + cell
    order = None if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")
    if order is not None:
        key, cell, x, y = key[order], cell[order], x[order], y[order]
    at = starts(key)
    sums_x, sums_y = _run_sums(x, at), _run_sums(y, at)
    if cap is not None:
        sums_x = sums_x.clip(upper_bound=cap)
    return _moments_of_cells(cell[at], periods, first, labels, sums_x, sums_y, lengths(at, len(key)))


def _moments_of_cells(
    cell: Int64s, periods: int, first: int, labels: Labels, x: pl.Series, y: pl.Series, rows: Int64s
) -> pl.DataFrame:
    """Moments of one x and y a customer and cell, which is a label and one of the periods from `first` on."""
    found, sums = cell_products(cell, len(labels.texts) * periods, x, y, rows)
    group, interval = np.divmod(found, periods)
    texts = [labels.texts[i] for i in group.tolist()]
    keys = [pl.Series("segments", texts, dtype=pl.String), pl.Series("period", (interval + first).astype(np.int32))]
    return pl.DataFrame([*keys, *(sums[name].alias(name) for name in MOMENTS.values)])


def cell_products(
    cell: Int64s, cells: int, x: pl.Series, y: pl.Series, rows: Int64s
) -> tuple[Int64s, Mapping[str, pl.Series]]:
    """Sums, squares and products (Int128) of one x and y a customer and cell: the cells that occur, in order, and
    the columns of `MOMENTS` for them."""
    (a, unit_a), (b, unit_b) = _in_units(x), _in_units(y)
    largest = float(max(np.abs(a).max(), np.abs(b).max(), rows.max()))
    if largest**2 * len(cell) >= _EXACT or cells > 10_000_000:
        return _wide_products(cell, x, y, rows)
    weights = {
        "x": (a, unit_a),
        "y": (b, unit_b),
        "xx": (a * a, unit_a * unit_a),
        "yy": (b * b, unit_b * unit_b),
        "xy": (a * b, unit_a * unit_b),
        "n": ((b != 0).astype(np.float64), 1),
        "rows": (rows, 1),
    }
    found = np.flatnonzero(np.bincount(cell, minlength=cells))
    return found, {
        name: _times(np.bincount(cell, weight, cells)[found].astype(np.int64), unit)
        for name, (weight, unit) in weights.items()
    }


def _in_units(values: pl.Series) -> tuple[NDArray[np.float64], int]:
    """Numbers as multiples of a unit that divides them all, such as a cent: their squares then fit a float64."""
    if values.dtype != pl.Int64:
        return values.cast(pl.Float64).to_numpy(), 1
    whole = values.to_numpy()
    if float(np.abs(whole.astype(np.float64)).max()) < 100_000:
        return whole.astype(np.float64), 1
    unit = max(int(np.gcd.reduce(whole)), 1)
    return (whole // unit).astype(np.float64), unit


def _times(sums: Int64s, unit: int) -> pl.Series:
    wide = pl.Series(sums).cast(pl.Int128)
    return wide if unit == 1 else wide * pl.Series([unit], dtype=pl.Int128)


def _run_sums(values: Int64s, at: Int64s) -> pl.Series:
    """Exact sums of runs: Int64 where they surely fit, else Int128."""
    if len(at) == len(values):
        return pl.Series(values)
    if float(np.abs(values.astype(np.float64)).sum()) < 2**62:
        return pl.Series(np.add.reduceat(values, at))
    runs = np.repeat(np.arange(len(at)), lengths(at, len(values)))
    table = pl.DataFrame({"run": runs, "value": values}).group_by("run", maintain_order=True)
    return table.agg(pl.col("value").cast(pl.Int128).sum())["value"]


def _wide_products(cell: Int64s, x: pl.Series, y: pl.Series, rows: Int64s) -> tuple[Int64s, Mapping[str, pl.Series]]:
    wide = pl.DataFrame({"cell": cell, "x": x.cast(pl.Int128), "y": y.cast(pl.Int128), "rows": rows})
    table = wide.group_by("cell").agg(
        pl.col("x", "y", "rows").sum(),
        (pl.col("x") * pl.col("x")).sum().alias("xx"),
        (pl.col("y") * pl.col("y")).sum().alias("yy"),
        (pl.col("x") * pl.col("y")).sum().alias("xy"),
        (pl.col("y") != 0).sum().alias("n"),
    )
    table = table.sort("cell")
    return table["cell"].to_numpy(), {name: table[name].cast(pl.Int128) for name in MOMENTS.values}
