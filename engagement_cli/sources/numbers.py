"""Numbers: text or any numeric type → Float64 for SQL, and fixed point with six decimals for exact sums."""

from __future__ import annotations

import polars as pl

SCALE = 1_000_000
LIMIT = 9.2e12  # just under 2^63 ÷ 10^6


def as_float(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as Float64: null where it is empty, no number, NaN, infinite, or 9.2 × 10^12 and beyond."""
    number = cell.cast(pl.Float64, strict=False) if dtype != pl.Float64 else cell
    return pl.when(number.abs() < LIMIT).then(number)


def fixed_point(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as Int64: its value × 10^6, rounded half to even; null wherever `as_float` gives null."""
    if dtype.is_integer():
        whole = cell.cast(pl.Int64, strict=False)
        return pl.when(whole.is_between(-int(LIMIT), int(LIMIT), closed="none")).then(whole * SCALE)
    number = as_float(cell, dtype)
    whole = number.cast(pl.Int64)  # truncates; the rest is exact in floating point
    return whole * SCALE + ((number - whole) * SCALE).round(0, mode="half_to_even").cast(pl.Int64)


def is_bad(cell: pl.Expr, dtype: pl.DataType, parsed: pl.Expr) -> pl.Expr:
    """Whether a cell holds something that could not be read: it is not empty, and `parsed` is null. Never null."""
    return is_filled(cell, dtype) & parsed.is_null()


def is_filled(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell holds anything: neither null, nor empty or blank text."""
    return (cell.str.strip_chars() != "").fill_null(False) if dtype == pl.String else cell.is_not_null()


def as_text(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as text, as exported: whole numbers without decimals, null where it is empty."""
    if dtype != pl.String:
        return cell.cast(pl.String)
    return pl.when((cell != "") & (cell != " ")).then(cell)  # comparing costs a quarter of stripping
