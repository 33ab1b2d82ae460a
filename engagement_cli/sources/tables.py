"""Surveys, subscriptions, customers and audience as frames in memory, with the fate of every row."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.kernels.billing import monthly
from engagement_cli.kernels.decimals import decimals
from engagement_cli.records import Record
from engagement_cli.results import Waterfall
from engagement_cli.sources.diagnosis import diagnose
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.fates import FIRST_EXCLUSION, UNPARSEABLE, USED, fate
from engagement_cli.sources.fields import FIELDS
from engagement_cli.sources.identities import apply_aliases
from engagement_cli.sources.numbers import as_text
from engagement_cli.sources.predicates import sql_columns
from engagement_cli.sources.rows import Need, as_texts, inner, prepare, with_predicates
from engagement_cli.sources.sampling import infer_types, typed
from engagement_cli.sources.structure import check_rows
from engagement_cli.sources.timestamps import MICROSECONDS

# A row of nobody is counted, not dropped; a row without its date or its score says nothing.
EMPTY_IS_BAD: dict[str, tuple[str, ...]] = {
    "events": ("event", "timestamp"),
    "surveys": ("score",),
    "subscriptions": ("started",),
    "customers": (),
    "audience": ("date",),
}
_NOT_SHOWN = {"subscriptions": ("amount",)}  # read only to give another field


class Table(Record):
    """A source in memory: its used rows, and what became of all rows."""

    frame: pl.DataFrame
    waterfall: Waterfall


def load_table(
    exports: Exports, name: str, ticks_per_second: int = MICROSECONDS, only: AbstractSet[str] | None = None
) -> Table:
    """The used rows of a source other than events, all canonical columns first, properties and raw columns after.

    Ids and texts are String, instants Int64 ticks since 1970 UTC (`timestamp` and `date` are called `time`), numbers
    Float64; `mrr` is fixed point, Int64 of 10^6 a month, from `mrr`, or `amount` and `billing`. Canonical columns that
    the export lacks are null. Raw text columns are numbers or Booleans where every filled cell is one. With `only`,
    other properties and raw columns are left out. Raises `UserError` for files that cannot be read and exclusions that
    do not fit.
    """
    export = exports.sources[name]
    check_rows(export.headers)
    exclusions = exports.exclusions.get(name, ())
    rules = {inner("exclude", rule): exports.rules[rule] for rule in exclusions}
    texts = {inner("exclude", rule): as_texts(export, exports.rules[rule], f"exclude.{rule}") for rule in exclusions}
    try:
        prepared = prepare(export, table_need(exports, name), ticks_per_second)
        frame = prepared.frame.with_columns(*_outputs(export, ticks_per_second))
        broken = [pl.col(flag) for flag in prepared.bad.values()]
        frame, broken = _with_mrr(frame, export, broken)
        frame = with_predicates(frame, export, rules, texts)
        columns = [c for c in _output_names(export) if only is None or c in only or c in canonical_names(name)]
        fates = fate([*broken, *_missing(export)], [pl.col(inner("exclude", rule)) for rule in exclusions])
        rows = frame.select(
            *(pl.col(inner("out", column)).alias(column) for column in columns), fates.alias(inner("fate", ""))
        )
        if "customer" in columns:
            rows = apply_aliases(rows, exports.aliases)
        whole = rows.collect()
    except (PolarsError, OSError) as error:
        raise diagnose(exports, error) from error
    counts = dict(whole.group_by(inner("fate", "")).len().iter_rows())
    kept = _infer(whole.filter(pl.col(inner("fate", "")) == USED).drop(inner("fate", "")), export)
    waterfall = Waterfall(
        source=name,
        read=whole.height,
        unparseable=counts.get(UNPARSEABLE, 0),
        excluded={rule: counts.get(FIRST_EXCLUSION + i, 0) for i, rule in enumerate(exclusions)},
        used=kept.height,
        without_customer=kept["customer"].null_count() if "customer" in kept.columns else 0,
    )
    return Table(kept, waterfall)


def canonical_names(source: str) -> list[str]:
    """The columns of a source's table that the program knows by name."""
    hidden = _NOT_SHOWN.get(source, ())
    return [_shown(field) for field in FIELDS[source] if field not in hidden]


def table_need(exports: Exports, name: str) -> Need:
    """What loading a whole table prepares: every canonical column in its kind, what exclusions read, all raw cells."""
    export = exports.sources[name]
    visible = {column for rule in exports.exclusions.get(name, ()) for column in sql_columns(exports.rules[rule])}
    by_kind: dict[str, set[str]] = {"id": set(), "text": set(), "instant": set(), "number": set(), "property": set()}
    for field, column in export.columns.items():
        by_kind[column.kind].add(field)
    return Need(
        visible=frozenset(visible | by_kind["property"]),
        texts=frozenset(by_kind["id"] | by_kind["text"]),
        numbers=frozenset(by_kind["number"]),
        ticks=frozenset(by_kind["instant"]),
        whole_row=True,
    )


def _plain_raw(export: Export) -> list[str]:
    """Raw columns that no canonical field or property reads, in the file's order."""
    read = {column.column for column in export.columns.values()}
    taken = {_shown(field) for field in FIELDS[export.name]} | set(FIELDS[export.name]) | set(export.columns)
    return [name for name in export.types if name in export.raw and name not in read and name not in taken]


def _output_names(export: Export) -> list[str]:
    own = [name for name in export.columns if name not in FIELDS[export.name]]
    return [*canonical_names(export.name), *own, *_plain_raw(export)]


def _shown(field: str) -> str:
    return "time" if field in ("timestamp", "date") else field


def _outputs(export: Export, ticks_per_second: int) -> list[pl.Expr]:
    outputs: list[pl.Expr] = []
    for field, kind in FIELDS[export.name].items():
        out = inner("out", _shown(field))
        here = field in export.columns
        if kind == "instant":
            outputs.append((pl.col(inner("ticks", field)) if here else pl.lit(None, pl.Int64)).alias(out))
        elif kind == "number":
            outputs.append((_decimals(inner("fixed", field)) if here else pl.lit(None, pl.Float64)).alias(out))
        else:
            outputs.append((pl.col(inner("text", field)) if here else pl.lit(None, pl.String)).alias(out))
    outputs += [pl.col(name).alias(inner("out", name)) for name in export.columns if name not in FIELDS[export.name]]
    for name in _plain_raw(export):
        cell, dtype = pl.col(inner("raw", name)), export.types[name]
        outputs.append((as_text(cell, dtype) if dtype == pl.String else cell).alias(inner("out", name)))
    return outputs


def _decimals(fixed: str) -> pl.Expr:
    """A column of fixed point as the nearest Float64."""
    return pl.col(fixed).map_batches(decimals, return_dtype=pl.Float64, is_elementwise=True)


def _with_mrr(frame: pl.LazyFrame, export: Export, broken: list[pl.Expr]) -> tuple[pl.LazyFrame, list[pl.Expr]]:
    """For subscriptions, `mrr` in fixed point a month: as given, else from the amount and how often it is billed."""
    if export.name != "subscriptions":
        return frame, broken
    out = inner("out", "mrr")
    if "mrr" in export.columns:
        return frame.with_columns(pl.col(inner("fixed", "mrr")).alias(out)), broken
    if "amount" not in export.columns:
        return frame.with_columns(pl.lit(None, pl.Int64).alias(out)), broken
    amount = pl.col(inner("fixed", "amount"))
    if "billing" not in export.columns:
        return frame.with_columns(amount.alias(out)), broken
    mrr = monthly(amount, pl.col(inner("text", "billing")))
    return frame.with_columns(mrr.alias(out)), [*broken, amount.is_not_null() & mrr.is_null()]


def _missing(export: Export) -> list[pl.Expr]:
    """Flags of rows that lack what their source cannot do without."""
    kinds = {"instant": "ticks", "number": "fixed"}
    return [pl.col(inner(kinds[export.columns[field].kind], field)).is_null() for field in EMPTY_IS_BAD[export.name]]


def _infer(frame: pl.DataFrame, export: Export) -> pl.DataFrame:
    plain = [name for name in _plain_raw(export) if frame.schema.get(name) == pl.String]
    if not plain or frame.is_empty():
        return frame
    types = infer_types(frame.select(plain))
    return frame.with_columns(typed(pl.col(name), pl.String(), types[name]).alias(name) for name in plain)
