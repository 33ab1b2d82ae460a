"""How often a subscription is billed: the words that exports have for it, and an amount's worth a month."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

# The terms, and what exports call them; `1 ` may stand before each.
TERMS: Mapping[str, tuple[str, ...]] = {
    "year": ("year", "yearly", "annual", "annually", "annum", "12 months"),
    "quarter": ("quarter", "quarterly", "3 months"),
    "month": ("month", "monthly"),
    "week": ("week", "weekly"),
}


def term_of(billing: pl.Expr) -> pl.Expr:
    """`year`, `quarter`, `month` or `week`; null where the billing says none of them."""
    word = billing.str.to_lowercase().str.strip_chars().str.strip_prefix("1 ")
    return pl.coalesce(*(pl.when(word.is_in(list(words))).then(pl.lit(term)) for term, words in TERMS.items()))


def monthly(amount: pl.Expr, billing: pl.Expr) -> pl.Expr:
    """A fixed-point amount a month: year ÷ 12, quarter ÷ 3, week × 52/12, rounded half to even, exactly.

    Null where the billing is unknown, or the amount so large that it would overflow.
    """
    term = term_of(billing)
    thirds, rest = amount // 3, amount % 3  # × 52/12 = × 13/3: whole thirds exactly, the rest 0, 4⅓ or 8⅔
    weekly = thirds * 13 + pl.when(rest == 1).then(4).when(rest == 2).then(9).otherwise(0)
    return (
        pl.when(term == "month")
        .then(amount)
        .when(term == "quarter")
        .then(_divide(amount, 3))
        .when(term == "year")
        .then(_divide(amount, 12))
        .when((term == "week") & (amount.abs() < 2 * 10**18))
        .then(weekly)
    )


def _divide(amount: pl.Expr, by: int) -> pl.Expr:
    whole, rest = amount // by, amount % by
    up = (2 * rest > by) | ((2 * rest == by) & (whole % 2 == 1))
    return whole + up.cast(pl.Int64)
