"""Sums over customers of x and y, their squares and products: what a customer-clustered interval of Σx ÷ Σy needs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s, Integers, Whole, each_from_words
from engagement_cli.kernels.layout import bounds
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.native.moments import NOBODY, Grid, Moments, Side
from engagement_cli.native.moments import moments as in_cells
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.state import Column, StateTable

MOMENTS = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(("x", "y", "xx", "yy", "xy", "n"), "sum"))
ROOM = 1 << 16  # cells, of which each has some hundred bytes


def moments(
    customer: Integers, period: NDArray[np.int32], labels: Labels, x: Int64s, y: Int64s, *, once: bool = False
) -> Cells:
    """The state `MOMENTS` of rows that add x and y to a customer (−1: nobody, each row stands for itself).

    `n` counts those with any y. `once` promises that no customer has two rows of one period and label.
    """
    whose = np.full(len(period), NOBODY, np.uint32) if once else customer.astype(np.uint32, copy=False)
    group = labels.codes if len(labels.texts) > 1 else None
    return _of_sides(Side(whose, period, group, x), Side(whose, period, group, y), labels.texts, None, paired=True)


def moments_of_sides(x: Side, y: Side, texts: tuple[str, ...], cap: int | None = None) -> Cells:
    """The state `MOMENTS` of rows of two kinds, of which one adds x to a customer, the other y.

    `texts` are the labels of groups; with `cap`, a customer's x counts at most so much in a period.
    """
    return _of_sides(x, y, texts, cap, paired=False)


def _of_sides(x: Side, y: Side, texts: tuple[str, ...], cap: int | None, *, paired: bool) -> Cells:
    seen = [bounds(side.period) for side in ((x,) if paired else (x, y)) if len(side)]
    if not seen:
        return MOMENTS.empty()
    first = min([low for low, _ in seen])
    grid = Grid(len(texts), first, max([high for _, high in seen]) - first + 1)
    found = in_cells(x, y, grid, cap, paired=paired) if grid.cells <= ROOM + len(x) + len(y) else None
    cells, sums = _queried(x, y, grid, cap, paired=paired) if found is None else (found.cells, _sums(found))
    return moments_in_cells(cells, texts, first, grid.periods, sums)


def moments_in_cells(
    cells: Int64s, texts: tuple[str, ...], first: int, periods: int, sums: Iterable[Whole | pl.Series]
) -> Cells:
    """The state `MOMENTS` of cells that rise, each a label's number × `periods` + period − `first`, of its columns."""
    group, interval = np.divmod(cells, periods) if len(texts) > 1 else (cells, cells)
    keys: dict[str, Column] = {"segments": Labels(group, texts), "period": interval + first}
    return MOMENTS.of_distinct({**keys, **dict(zip(MOMENTS.values, sums, strict=True))})


def _sums(found: Moments) -> tuple[Whole, ...]:
    """The columns of `MOMENTS`."""
    return *each_from_words(found.low, found.high), found.customers


def _queried(x: Side, y: Side, grid: Grid, cap: int | None, *, paired: bool) -> tuple[Int64s, list[pl.Series]]:
    """Cells and the columns of `MOMENTS`, where there are many cells, or sums that 64 bits do not hold."""
    each = _rows(x, grid, "x").with_columns(_rows(y, grid, "y")["y"]) if paired else _both(x, y, grid)
    # Each row of nobody is a customer of its own.
    alone = pl.when(pl.col("customer") == NOBODY).then(pl.int_range(pl.len()))
    sums = each.group_by("customer", "cell", alone.alias("row")).agg(pl.col("x", "y").sum())
    if cap is not None:
        sums = sums.with_columns(pl.col("x").clip(upper_bound=cap))
    table = sums.group_by("cell").agg(
        pl.col("x", "y").sum(),
        (pl.col("x") * pl.col("x")).sum().alias("xx"),
        (pl.col("y") * pl.col("y")).sum().alias("yy"),
        (pl.col("x") * pl.col("y")).sum().alias("xy"),
        (pl.col("y") != 0).sum().cast(pl.Int128).alias("n"),
    )
    table = table.sort("cell")
    return table["cell"].to_numpy(), [table[name] for name in MOMENTS.values]


def _both(x: Side, y: Side, grid: Grid) -> pl.DataFrame:
    none = pl.lit(0, pl.Int128)
    of_x, of_y = _rows(x, grid, "x").with_columns(y=none), _rows(y, grid, "y").with_columns(x=none)
    return pl.concat([of_x, of_y.select(of_x.columns)])


def _rows(side: Side, grid: Grid, name: str) -> pl.DataFrame:
    group = 0 if side.group is None else side.group
    cell = group * grid.periods + (side.period.astype(np.int64) - grid.first)
    amount = np.ones(len(side), np.int64) if side.amount is None else side.amount
    return pl.DataFrame({"customer": side.customer, "cell": cell, name: pl.Series(amount).cast(pl.Int128)})
