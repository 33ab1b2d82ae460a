"""A column of few texts as small numbers."""

from __future__ import annotations

import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.dense import renumber
from engagement_cli.timeline.series import whole


def text_codes(column: pl.Series) -> tuple[Int64s, pl.Series]:
    """Which of some different texts each row has, and these texts, null among them where a row has none."""
    if isinstance(column.dtype, pl.Enum):
        texts = column.dtype.categories
        codes = whole(column.to_physical(), len(texts))
        return codes, texts if not column.null_count() else pl.concat([texts, pl.Series([None], dtype=pl.String)])
    physical = column.cast(pl.Categorical).to_physical()  # good for telling texts apart, here and now
    distinct, codes, example = renumber(whole(physical, -1) + 1)
    return codes, column[example[: len(distinct)]].cast(pl.String)
