"""SQL rules over the customer table: what is wrong with them, in which order they are judged, whom they fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import polars as pl

from engagement_cli.errors import Problem, UserError, did_you_mean
from engagement_cli.sources.exports import sql_columns

Rules = Mapping[str, str]  # SQL by name
Where = Callable[[], str]  # the place of a rule, which is looked up when something is wrong with it


def judged(table: pl.DataFrame, rule: str, where: Where) -> pl.Series:
    """Whether each customer fits a rule; what cannot be told (NULL) does not fit.

    Raises `UserError` for a rule that is no SQL over the columns of the table, or no yes or no; `where` says its place.
    """
    if unknown := named_in(rule, where) - set(table.columns):
        raise UserError([_unknown(min(unknown), table.columns, where())])
    try:
        fits = table.select(pl.sql_expr(rule).alias("fits")).to_series()
    except pl.exceptions.PolarsError as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"`{rule}` does not fit the customer table: {reason}", where=where()) from None
    if fits.dtype not in (pl.Boolean, pl.Null):
        raise UserError(f"`{rule}` is no condition: it gives {fits.dtype}, not yes or no", where=where())
    if len(fits) != table.height:  # a constant
        fits = pl.repeat(fits[0], table.height, dtype=pl.Boolean, eager=True)
    return fits.cast(pl.Boolean).fill_null(value=False)


def first_that_fits(table: pl.DataFrame, rules: Rules, places: Mapping[str, Where]) -> pl.Series:
    """The name of the first rule that each customer fits; null for none. `places` has each rule's."""
    found = pl.repeat(None, table.height, dtype=pl.String, eager=True)
    for name, rule in reversed(list(rules.items())):
        found = found.set(judged(table, rule, places[name]), name)
    return found


def named_in(rule: str, where: Where) -> set[str]:
    """The columns that a rule names. Raises `UserError` with its place where it is no SQL."""
    try:
        return sql_columns(rule)
    except UserError:
        return sql_columns(rule, where())


def columns_read(rules: Iterable[str]) -> set[str]:
    """The columns that rules name; of one that is no SQL, none (`problems` says what is wrong with it)."""
    found: set[str] = set()
    for rule in rules:
        try:
            found |= sql_columns(rule)
        except UserError:
            continue
    return found


def problems(
    rules: Rules, asked: Iterable[str], columns: AbstractSet[str], taken: AbstractSet[str], places: Mapping[str, Where]
) -> Iterator[Problem]:
    """What is wrong with some of the rules, judged by names alone.

    `columns` are all that a rule may read besides other rules, `taken` those after which none may be called.
    """
    for name in asked:
        where = places[name]
        if name in taken:
            yield Problem(f"the customer table has a column {name!r} of its own", where(), "call the rule otherwise")
            continue
        try:
            read = named_in(rules[name], where)
        except UserError as error:
            yield from error.problems
            continue
        for unknown in sorted(read - columns - rules.keys()):
            yield _unknown(unknown, columns | rules.keys(), where())
        if circle := _circle(name, rules):
            yield Problem(f"the rule {name!r} reads itself: {' → '.join(circle)}", where())


def _unknown(name: str, known: Iterable[str], where: str) -> Problem:
    shown = [column for column in known if not column.startswith("_")]
    return Problem(f"the customer table has no column {name!r}", where, did_you_mean(name, shown))


def _circle(start: str, rules: Rules) -> tuple[str, ...]:
    """The rules through which a rule reads itself; empty if it does not."""
    waiting: list[tuple[str, ...]] = [(start,)]
    seen = set[str]()
    while waiting:
        path = waiting.pop(0)
        for read in sorted(columns_read([rules[path[-1]]]) & rules.keys()):
            if read == start:
                return (*path, start)
            if read not in seen:
                seen.add(read)
                waiting.append((*path, read))
    return ()
