"""Between fixed point and decimal numbers.

Polars divides by a constant as it multiplies by its reciprocal: 383,610,000 ÷ 10⁶ would become 383.60999999999996.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native import reading as native

Floats = NDArray[np.float64]
MICRO = 1_000_000
LIMIT = 9.2e12  # of numbers that become fixed point: just under 2^63 ÷ 10^6
NOT_FIXED = -(2**63)
_ULPS = 8  # what a few additions may be off by


def fixed(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Numbers × 10⁶, rounded half to even; `NOT_FIXED` for NaN and for what is not below the limit in size."""
    return native.fixed_point(numbers, int(LIMIT), NOT_FIXED)


def decimals(fixed: pl.Series) -> pl.Series:
    """Numbers of millionths as the nearest Float64; null stays null."""
    return over(fixed, MICRO)


def over(numbers: pl.Series, by: int) -> pl.Series:
    """Numbers ÷ `by` (above zero), each as the nearest Float64; null stays null."""
    quotients = numbers.cast(pl.Float64).to_numpy()
    quotients = np.divide(quotients, by, out=quotients if quotients.flags.writeable else None)
    return pl.Series(numbers.name, quotients, nan_to_null=numbers.null_count() > 0)


def to_millionths(numbers: Floats, largest: Floats) -> Floats:
    """Sums and differences of numbers up to `largest` in size, without what floats leave of decimals with six places.

    A number goes to the nearest such decimal where that is as near as rounding may have moved it, else it stays; so
    does NaN.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = np.rint(numbers * MICRO) / MICRO
        noise = np.abs(rounded - numbers) <= _ULPS * np.finfo(np.float64).eps * largest
    return np.where(noise, rounded, numbers)
