"""SQL rules over the customer table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from engagement_cli.errors import UserError, did_you_mean


def judged(table: pl.DataFrame, rule: str, where: str) -> pl.Series:
    """Whether each customer fits a rule; what cannot be told (NULL) does not fit.

    Raises `UserError` for a rule that is no SQL, names no column of the table, or is no yes or no; `where` says its
    place.
    """
    try:
        expression = pl.sql_expr(rule)
    except pl.exceptions.PolarsError as error:
        raise UserError(f"`{rule}` is no SQL expression: {_first_line(error)}", where=where) from None
    for name in expression.meta.root_names():
        if name not in table.columns:
            raise UserError(
                f"the customer table has no column {name!r}", where=where, hint=did_you_mean(name, table.columns)
            )
    try:
        fits = table.select(expression.alias("fits")).to_series()
    except pl.exceptions.PolarsError as error:
        raise UserError(f"`{rule}` does not fit the customer table: {_first_line(error)}", where=where) from None
    if len(fits) != table.height:
        fits = pl.repeat(fits[0] if len(fits) else None, table.height, eager=True)
    if fits.dtype not in (pl.Boolean, pl.Null):
        raise UserError(f"`{rule}` is no condition: it gives {fits.dtype}, not yes or no", where=where)
    return fits.cast(pl.Boolean).fill_null(value=False)


def first_that_fits(table: pl.DataFrame, rules: Mapping[str, str], where: str) -> pl.Series:
    """The name of the first rule that each customer fits; null for none."""
    found = pl.repeat(None, table.height, dtype=pl.String, eager=True)
    for name, rule in reversed(list(rules.items())):
        found = found.set(judged(table, rule, f"{where}.{name}"), name)
    return found


def columns_read(rules: Sequence[str]) -> set[str]:
    """The columns that rules name; of one that is no SQL, none (`judged` says what is wrong with it)."""
    found: set[str] = set()
    for rule in rules:
        try:
            found |= set(pl.sql_expr(rule).meta.root_names())
        except pl.exceptions.PolarsError:
            continue
    return found


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
