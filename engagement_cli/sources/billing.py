"""How often a subscription is billed → its amount a month."""

from __future__ import annotations

import polars as pl

_PERIODS = {
    "year": ("year", "yearly", "annual", "annually", "annum", "1 year", "12 months"),
    "quarter": ("quarter", "quarterly", "3 months"),
    "month": ("month", "monthly", "1 month"),
    "week": ("week", "weekly", "1 week"),
}


def monthly(amount: pl.Expr, billing: pl.Expr) -> pl.Expr:
    """A fixed-point amount a month: year ÷ 12, quarter ÷ 3, week × 52/12, rounded half to even, exactly.

    Null where the billing is unknown, or the amount so large that it would overflow.
    """
    words = billing.str.to_lowercase().str.strip_chars()
    thirds, rest = amount // 3, amount % 3  # × 52/12 = × 13/3: whole thirds exactly, the rest 0, 4⅓ or 8⅔
    weekly = thirds * 13 + pl.when(rest == 1).then(4).when(rest == 2).then(9).otherwise(0)
    return (
        pl.when(words.is_in(_PERIODS["month"]))
        .then(amount)
        .when(words.is_in(_PERIODS["quarter"]))
        .then(_divide(amount, 3))
        .when(words.is_in(_PERIODS["year"]))
        .then(_divide(amount, 12))
        .when(words.is_in(_PERIODS["week"]) & (amount.abs() < 2 * 10**18))
        .then(weekly)
    )


def _divide(amount: pl.Expr, by: int) -> pl.Expr:
    whole, rest = amount // by, amount % by
    up = (2 * rest > by) | ((2 * rest == by) & (whole % 2 == 1))
    return whole + up.cast(pl.Int64)
