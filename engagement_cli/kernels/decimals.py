"""From fixed point to decimal numbers.

Polars divides by a constant as it multiplies by its reciprocal: 383,610,000 ÷ 10⁶ would become 383.60999999999996.
"""

from __future__ import annotations

import numpy as np
import polars as pl

MICRO = 1_000_000


def decimals(fixed: pl.Series) -> pl.Series:
    """Numbers of millionths as the nearest Float64; null stays null."""
    return over(fixed, MICRO)


def over(numbers: pl.Series, by: int) -> pl.Series:
    """Numbers ÷ `by` (above zero), each as the nearest Float64; null stays null."""
    quotients = numbers.cast(pl.Float64).to_numpy() / by
    return pl.Series(numbers.name, quotients, dtype=pl.Float64).set(numbers.is_null(), None)


def to_millionths(numbers: pl.Series) -> pl.Series:
    """Numbers as the nearest decimals with six places: what sums and differences of amounts are; null stays null."""
    values = numbers.to_numpy()
    with np.errstate(invalid="ignore"):
        rounded = np.where(np.abs(values) * MICRO < 2**53, np.rint(values * MICRO) / MICRO, values)
    return pl.Series(numbers.name, rounded, dtype=pl.Float64).set(numbers.is_null(), None)
