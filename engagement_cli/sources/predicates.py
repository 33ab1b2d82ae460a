"""SQL of users: Polars' own expressions, checked for syntax, names and types before any row is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import UserError, did_you_mean

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_SHOWN = 300
_OVER_ROWS = re.compile(
    r"\b(?:SUM|AVG|MEAN|MIN|MAX|COUNT|FIRST|LAST|MEDIAN|STD\w*|VAR\w*|QUANTILE\w*|CORR|COVAR\w*|\w+_AGG|OVER|"
    r"ROW_NUMBER|RANK|DENSE_RANK|LAG|LEAD|UNNEST)\s*\(|\bSELECT\b",
    re.IGNORECASE,
)


def parse_sql(sql: str, where: str | None = None) -> pl.Expr:
    """A SQL expression over the columns of one row. Raises `UserError` for syntax, subqueries and aggregates."""
    if _OVER_ROWS.search(_QUOTED.sub("''", sql)):
        raise UserError(
            f"the SQL `{shown(sql)}` looks at more than one row",
            where=where,
            hint="write an expression over the columns of one row, without SUM, COUNT, OVER or SELECT",
        )
    try:
        return pl.sql_expr(sql)
    except PolarsError as error:
        raise UserError(f"cannot read the SQL `{shown(sql)}`: {_first_line(error)}", where=where) from None


def holds(sql: str) -> pl.Expr:
    """Whether a predicate holds; null counts as false."""
    return parse_sql(sql).cast(pl.Boolean).fill_null(False)


def shown(sql: str) -> str:
    """SQL as messages show it: not endless."""
    return sql if len(sql) <= _SHOWN else sql[:_SHOWN] + " …"


def sql_columns(sql: str, where: str | None = None) -> set[str]:
    """The names of the columns that a SQL expression reads. Raises `UserError` where it does not parse."""
    return set(parse_sql(sql, where).meta.root_names())


def check_names(sql: str, known: Iterable[str], where: str | None = None) -> set[str]:
    """The columns that a SQL expression reads, all of them known; raises `UserError` with suggestions otherwise."""
    known = set(known)
    used = sql_columns(sql, where)
    if unknown := sorted(used - known):
        name = unknown[0]
        hint = did_you_mean(name, known)
        if '"' in sql:
            hint = f"{hint}; texts stand in single quotes, names in double quotes"
        raise UserError(f"no column {name!r} for the SQL `{shown(sql)}`", where=where, hint=hint)
    return used


def check_sql(
    sql: str, schema: Mapping[str, pl.DataType], where: str | None = None, *, boolean: bool = True
) -> pl.DataType:
    """The type that a SQL expression gives on columns of these types.

    Raises `UserError` for syntax, unknown names, types that do not go together, and, for a predicate (`boolean`),
    a result that is not true or false.
    """
    check_names(sql, schema, where)
    try:
        result = _type_of(sql, tuple(schema.items()))
    except PolarsError as error:
        raise UserError(
            f"the SQL `{shown(sql)}` does not fit its columns: {_first_line(error)}",
            where=where,
            hint=_type_hint(sql, schema),
        ) from None
    if boolean and result not in (pl.Boolean, pl.Null):
        raise UserError(
            f"the SQL `{shown(sql)}` gives {describe(result)}, not true or false",
            where=where,
            hint="compare it with something: =, <>, <, >, IN, LIKE, IS NOT NULL",
        )
    return result


@lru_cache  # asked for each piece of an export anew
def _type_of(sql: str, columns: tuple[tuple[str, pl.DataType], ...]) -> pl.DataType:
    frame = pl.LazyFrame(schema={"": pl.Null, **dict(columns)})
    return frame.select(parse_sql(sql).alias("result")).collect().schema["result"]


def describe(dtype: pl.DataType) -> str:
    """A Polars type in the words of users."""
    if dtype == pl.Boolean:
        return "true or false"
    if dtype.is_numeric():
        return "a number"
    if dtype.is_temporal():
        return "a date or time"
    return "text" if dtype in (pl.String, pl.Categorical, pl.Enum) else str(dtype)


def _type_hint(sql: str, schema: Mapping[str, pl.DataType]) -> str:
    columns = ", ".join(f"{name} is {describe(schema[name])}" for name in sorted(sql_columns(sql)))
    dates = any(schema[name].is_temporal() for name in sql_columns(sql))
    return columns + ("; write dates as DATE '2025-06-30'" if dates else "")


def _first_line(error: Exception) -> str:
    return shown(str(error).strip().splitlines()[0])
