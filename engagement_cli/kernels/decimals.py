"""From fixed point to decimal numbers."""

from __future__ import annotations

import polars as pl

MICRO = 1_000_000


def decimals(fixed: pl.Series) -> pl.Series:
    """Integers of millionths as the nearest Float64; null stays null.

    Polars divides by a constant as it multiplies by its reciprocal: 2,749,054 would become 2.7490539999999997.
    """
    numbers = fixed.cast(pl.Float64).to_numpy() / MICRO
    return pl.Series(fixed.name, numbers, dtype=pl.Float64).set(fixed.is_null(), None)
