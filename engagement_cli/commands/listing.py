"""How the one-row-a-customer table is measured and shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from engagement_cli.commands.filtering import text_hint
from engagement_cli.commands.options import Options
from engagement_cli.commands.session import Session, open_session
from engagement_cli.customers.rules import columns_read, judged
from engagement_cli.customers.table import CUSTOMER, Profiling
from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.pipeline import Outcome
from engagement_cli.records import Record
from engagement_cli.render.documents import Rows
from engagement_cli.render.formats import choose_format
from engagement_cli.timeline.bucket import HASH

# What a person looks at first; files have everything.
_FIRST_LOOK = (
    *("band", "score", "trend", "signals", "value", "plan", "rung", "nps", "days_silent", "rfm_segment"),
    *("involvement", "interaction", "intimacy", "influence"),
)


class Choice(Record):
    """Which customers and columns are shown, and in what order; None and empty: all, by id."""

    having: str | None = None
    columns: tuple[str, ...] = ()
    sort: str | None = None
    top: int | None = None


def measured_table(session: Session, wanted: Callable[[Profiling], Iterable[str]], **more: Any) -> Outcome:
    """The customer table with the wanted columns and all ids. Raises `UserError` where a breakdown is asked for."""
    if session.by:
        raise UserError("a row is one customer's: it has no breakdown", where="--by", hint="see `engagement segments`")
    return session.ask({}, table=wanted, keep_ids=True, **more)


def table_of(outcome: Outcome) -> pl.DataFrame:
    """The finished table, sorted by the customers' ids."""
    if outcome.merged.profiles is None:
        raise UserError("these exports say nothing of customers", hint="it takes at least an events export")
    return outcome.merged.profiles.drop(HASH).sort(CUSTOMER)


def show_customers(options: Options, choice: Choice) -> None:
    """The table: every column in files, those of a first look in a terminal, unless columns are named."""
    session = open_session(options)
    outcome = measured_table(session, lambda there: _wanted(there, choice))
    table, profiling = table_of(outcome), outcome.profiling
    if profiling is None:
        raise ValueError("no table was made")
    if choice.having is not None:
        table = table.filter(judged(table, choice.having, lambda: "--having"))
    whole = table.height
    if choice.sort is not None:
        name = choice.sort.removeprefix("-")
        table = table.sort(name, CUSTOMER, descending=[choice.sort.startswith("-"), False], nulls_last=True)
    table = table if choice.top is None else table.head(choice.top)
    read = choose_format(options.output.format, options.output.out) in ("table", "md") and not choice.columns
    shown = choice.columns or (_FIRST_LOOK if read else tuple(c for c in table.columns if c != CUSTOMER))
    table = table.select(CUSTOMER, *(name for name in shown if name in table.columns and name != CUSTOMER))
    units = {name: c.unit for name, c in profiling.columns.items() if c.unit is not None and name in table.columns}
    notes = [] if table.height == whole else [f"the first {table.height:,} of {whole:,} customers"]
    if read:
        left = len(profiling.columns) - len(table.columns) + 1
        notes.append(f"{left} more columns with --column or in files; what they say: engagement customers --describe")
    document = Rows(
        title="Customers",
        table=table,
        units=units,
        name="customers",
        semantics=_semantics(session),
        parameters={"having": choice.having, "columns": list(choice.columns), "sort": choice.sort, "top": choice.top},
        notes=notes,
        answer=outcome.answer,
    )
    session.show(document, outcome.answer)


def _wanted(there: Profiling, choice: Choice) -> set[str]:
    """The columns to make. Raises `UserError` for a name that is none."""
    sort = (choice.sort or CUSTOMER).removeprefix("-")
    named = {*choice.columns, sort, *columns_read([choice.having or "TRUE"])} - {CUSTOMER}
    for name in sorted(named):
        if name in there.missing:
            raise UserError(f"the customer table has no {name}: {there.missing[name]}")
        if name not in there.columns:
            hint = text_hint(name, choice.having or "") or did_you_mean(name, there.columns)
            raise UserError(f"the customer table has no column {name!r}", hint=hint)
    return named if choice.columns else set(there.columns)


def _semantics(session: Session) -> str:
    return f"as of the report's end; the window of the score is {session.settings.score.window.days} days"


def describe_columns(options: Options) -> None:
    """The columns that these exports can give and what each says, then those that they cannot, and why not."""
    session = open_session(options)
    there = session.profiling()
    rows = [
        {"column": name, "unit": column.unit or _kind(column.dtype), "says": column.description}
        for name, column in there.columns.items()
    ]
    rows += [{"column": name, "unit": "", "says": f"not there: {why}"} for name, why in there.missing.items()]
    table = pl.DataFrame(rows, schema={"column": pl.String, "unit": pl.String, "says": pl.String})
    session.show(Rows(title="Columns of the customer table", table=table, name="columns"))


def _kind(dtype: pl.DataType) -> str:
    return {pl.Boolean(): "yes or no", pl.Date(): "date"}.get(dtype, "text")
