"""A column of few texts as small numbers."""

from __future__ import annotations

import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.dense import renumber


def text_codes(column: pl.Series) -> tuple[Int64s, pl.Series]:
    """Which of the distinct texts each row has, and these texts, null among them where a row has none."""
    physical = pl.col(column.name).cast(pl.Categorical).to_physical()  # good for telling texts apart, here and now
    numbers = column.to_frame().select(physical.cast(pl.Int64).fill_null(-1) + 1).to_series()
    distinct, codes, example = renumber(numbers.to_numpy())
    return codes, column[example[: len(distinct)]].cast(pl.String)
