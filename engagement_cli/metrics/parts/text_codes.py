"""A column of few texts as small numbers."""

from __future__ import annotations

import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.dense import renumber


def text_codes(column: pl.Series) -> tuple[Int64s, pl.Series]:
    """Which of the distinct texts each row has, and these texts, null among them where a row has none."""
    physical = column.cast(pl.Categorical).to_physical().cast(pl.Int64)  # good for telling texts apart, here and now
    distinct, codes, example = renumber((physical + 1).fill_null(0).to_numpy())
    return codes, column.gather(pl.Series(example[: len(distinct)])).cast(pl.String)
