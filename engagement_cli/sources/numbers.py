"""Numbers: text or any numeric type → Float64 for SQL, and fixed point with six decimals for exact sums."""

from __future__ import annotations

import math

import polars as pl

from engagement_cli.kernels.decimals import LIMIT, MICRO, NOT_FIXED, fixed


def as_float(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as Float64: null where it is empty, no number, NaN, infinite, or 9.2 × 10^12 and beyond."""
    number = to_float(cell, dtype)
    return pl.when(is_usable(number)).then(number)


def to_float(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as Float64, null where it is no number."""
    return cell.cast(pl.Float64, strict=False) if dtype != pl.Float64 else cell


def is_usable(number: pl.Expr) -> pl.Expr:
    """Whether a Float64 is a number, finite and below 9.2 × 10^12; null for null."""
    return number.is_between(-LIMIT, LIMIT, closed="none")


def fixed_point(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as Int64: its value × 10^6, rounded half to even; null wherever `as_float` gives null."""
    if dtype.is_integer():
        whole = cell.cast(pl.Int64, strict=False)
        return pl.when(whole.is_between(-int(LIMIT), int(LIMIT), closed="none")).then(whole * MICRO)
    whole = to_float(cell, dtype).fill_null(math.nan).map_batches(_fixed, return_dtype=pl.Int64(), is_elementwise=True)
    return pl.when(whole != NOT_FIXED).then(whole)


def _fixed(numbers: pl.Series) -> pl.Series:
    return pl.Series(fixed(numbers.to_numpy()))


def is_bad(cell: pl.Expr, dtype: pl.DataType, parsed: pl.Expr) -> pl.Expr:
    """Whether a cell holds something that could not be read: it is not empty, and `parsed` is null. Never null."""
    return is_filled(cell, dtype) & parsed.is_null()


def is_filled(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Whether a cell holds anything: neither null, nor empty or blank text."""
    return (cell.str.strip_chars() != "").fill_null(False) if dtype == pl.String else cell.is_not_null()


def as_text(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as text, as exported; null where it is empty."""
    text = exported(cell, dtype)
    if dtype != pl.String:
        return text
    return pl.when((text != "") & (text != " ")).then(text)  # comparing costs a quarter of stripping


def has_text(dtype: pl.DataType) -> bool:
    """Whether cells of a type can be told as texts; columns of others are as if they were not there."""
    return not dtype.is_nested() and dtype not in (pl.Binary, pl.Duration)


def exported(cell: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """A cell as text, as exported: whole numbers without decimals."""
    return cell if dtype == pl.String else cell.cast(pl.String)
