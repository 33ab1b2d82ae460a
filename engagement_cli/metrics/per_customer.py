"""Sums over customers of x and y, their squares and products: what a customer-clustered interval of Σx ÷ Σy needs."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.timeline.state import StateTable

MOMENTS = StateTable(
    SEGMENT_AND_PERIOD, {"x": "sum", "y": "sum", "xx": "sum", "yy": "sum", "xy": "sum", "n": "sum", "rows": "sum"}
)


def moments(
    customer: NDArray[np.int64],
    period: NDArray[np.int32],
    labels: pl.Series,
    x: NDArray[np.int64],
    y: NDArray[np.int64],
    cap: int | None = None,
) -> pl.DataFrame:
    """The state `MOMENTS` of rows that add x and y to a customer (−1: nobody, each row stands for itself).

    `n` counts those with any y; with `cap`, a customer's x counts at most so much in a period.
    """
    height = len(period)
    row = np.where(customer < 0, np.arange(height), -1)
    rows = pl.DataFrame({"segments": labels, "period": period, "customer": customer, "row": row, "x": x, "y": y})
    each = (
        rows.lazy()
        .group_by("segments", "period", "customer", "row")
        .agg(pl.col("x").cast(pl.Int128).sum(), pl.col("y").cast(pl.Int128).sum(), rows=pl.len())
    )
    if cap is not None:
        each = each.with_columns(pl.min_horizontal("x", pl.lit(cap, dtype=pl.Int128)).alias("x"))
    whole = each.group_by("segments", "period").agg(
        pl.col("x").sum(),
        pl.col("y").sum(),
        (pl.col("x") * pl.col("x")).sum().alias("xx"),
        (pl.col("y") * pl.col("y")).sum().alias("yy"),
        (pl.col("x") * pl.col("y")).sum().alias("xy"),
        (pl.col("y") != 0).sum().alias("n"),
        pl.col("rows").sum(),
    )
    return MOMENTS.merge([whole.collect()])
