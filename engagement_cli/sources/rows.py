"""The cells of an export as SQL, sums and clocks need them: raw columns → canonical columns → predicates.

Inner columns carry a separator character in their names, so that no column of an export can be one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations

import polars as pl

from engagement_cli.errors import UserError
from engagement_cli.records import Record, field
from engagement_cli.sources.export import Export
from engagement_cli.sources.numbers import (
    as_float,
    as_text,
    exported,
    fixed_point,
    is_bad,
    is_filled,
    is_usable,
    to_float,
)
from engagement_cli.sources.predicates import check_names, check_sql, holds, parse_sql, sql_columns
from engagement_cli.sources.sampling import typed
from engagement_cli.sources.scans import scan
from engagement_cli.sources.timestamps import MICROSECONDS, add_ticks
from engagement_cli.sources.zones import wall_clock
from engagement_cli.timeline.hashing import no_text, text_hash


def inner(kind: str, name: str) -> str:
    """The name of an inner column: `raw` and `cell` as stored, `ticks`, `fixed`, `float`, `text`, `hash`, `bad`."""
    return f"\x1f{kind}\x1f{name}"


class Need(Record):
    """What to prepare: `visible` names for SQL, `texts`, their `hashes`, fixed-point `numbers`, `floats`, instants as
    `ticks`.

    `cells` are kept as stored, and with `whole_row` all raw columns.
    """

    visible: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    hashes: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    floats: frozenset[str] = frozenset()
    ticks: frozenset[str] = frozenset()
    whole_row: bool = False


class Prepared(Record):
    """The frame, and for every name that can hold bad cells the Boolean inner column that marks them."""

    frame: pl.LazyFrame
    bad: Mapping[str, str] = field(default_factory=dict)


def cell_frame(export: Export, fields: Iterable[str], position: str | None = None) -> pl.LazyFrame:
    """The cells behind canonical fields as stored (or as SQL gives them), under the fields' names."""
    fields = list(fields)
    frame = _cells(
        scan(export.headers, export.types, position=position), export, fields, _raw_of(export, fields), position
    )
    return frame.select(pl.col(inner("cell", name)).alias(name) for name in fields)


def prepare(export: Export, need: Need, ticks_per_second: int = MICROSECONDS, position: str | None = None) -> Prepared:
    """All that `need` names: visible names under their own, the rest under inner names."""
    wanted = need.visible | need.texts | need.cells | need.hashes | need.numbers | need.floats | need.ticks
    fields = sorted(name for name in wanted if name in export.columns)
    plain = {name for name in wanted if name not in export.columns}
    raw = sorted(set(export.types) if need.whole_row else plain | _raw_of(export, fields))
    read = {name: export.types[name] for name in raw}
    frame = _cells(scan(export.headers, read, position=position), export, fields, raw, position)
    bad: dict[str, str] = {}
    for name in _sql_roots(export, fields):
        frame = _mark(frame, bad, name, _typed_bad(export, name))
    for name in fields:
        if export.columns[name].kind == "instant":
            frame = add_ticks(
                frame,
                inner("cell", name),
                export.cell_types[name],
                inner("ticks", name),
                inner("bad", name),
                export.readings[name],
                export.zones,
                ticks_per_second,
            )
            bad[name] = inner("bad", name)
    for name in sorted(need.numbers):
        cell, dtype = stored(export, name)
        frame = frame.with_columns(fixed_point(cell, dtype).alias(inner("fixed", name)))
        frame = _mark(frame, bad, name, is_bad(cell, dtype, pl.col(inner("fixed", name))))
    for name in sorted(need.floats):
        cell, dtype = stored(export, name)
        frame = frame.with_columns(to_float(cell, dtype).alias(inner("float", name)))
        usable = is_usable(pl.col(inner("float", name))).fill_null(value=False)
        frame = _mark(frame, bad, name, is_filled(cell, dtype) & ~usable)
    hashes = [text_hash(exported(*stored(export, name))).alias(inner("hash", name)) for name in sorted(need.hashes)]
    frame = frame.with_columns(hashes)
    texts = [_text(export, name, need).alias(inner("text", name)) for name in sorted(need.texts)]
    visible = {name: _visible(export, name, need, ticks_per_second) for name in sorted(need.visible)}
    for name in visible:
        if name in export.columns and export.columns[name].kind == "number":
            cell, dtype = stored(export, name)
            frame = _mark(frame, bad, name, is_bad(cell, dtype, as_float(cell, dtype)))
        elif name not in export.columns or export.columns[name].kind == "property":
            frame = _mark(frame, bad, name, _typed_bad(export, name))
    return Prepared(frame.with_columns(*texts, *(e.alias(n) for n, e in visible.items())), bad)


def _text(export: Export, name: str, need: Need) -> pl.Expr:
    """A cell as text, null where it is empty: which its hash tells, if there is one, in a fifth of the time."""
    cell, dtype = stored(export, name)
    if name not in need.hashes or dtype != pl.String:
        return as_text(cell, dtype)
    mark = pl.col(inner("hash", name))
    _, empty, blank = no_text().tolist()
    return pl.when((mark != _hash(empty)) & (mark != _hash(blank))).then(cell)


def is_empty(export: Export, name: str, need: Need) -> pl.Expr:
    """Whether a cell that was prepared as text holds none."""
    if name not in need.hashes or stored(export, name)[1] != pl.String:
        return pl.col(inner("text", name)).is_null()
    mark = pl.col(inner("hash", name))
    return pl.any_horizontal(mark == _hash(nothing) for nothing in no_text().tolist())


def _hash(number: int) -> pl.Expr:
    return pl.lit(number, pl.UInt64)


def _mark(frame: pl.LazyFrame, bad: dict[str, str], name: str, flag: pl.Expr | None) -> pl.LazyFrame:
    if flag is None or name in bad:
        return frame
    bad[name] = inner("bad", name)
    return frame.with_columns(flag.alias(bad[name]))


def _sql_roots(export: Export, fields: Iterable[str]) -> set[str]:
    return {root for name in fields if (sql := export.columns[name].sql) is not None for root in sql_columns(sql)}


def _raw_of(export: Export, fields: Iterable[str]) -> set[str]:
    fields = list(fields)
    return {c for name in fields if (c := export.columns[name].column) is not None} | _sql_roots(export, fields)


def _cells(
    frame: pl.LazyFrame, export: Export, fields: Iterable[str], raw: Iterable[str], position: str | None
) -> pl.LazyFrame:
    kept = [pl.col(position)] if position else []
    frame = frame.select(*kept, *(pl.col(name).alias(inner("raw", name)) for name in sorted(raw)))
    roots = [
        typed(pl.col(inner("raw", name)), export.types[name], export.raw[name]).alias(name)
        for name in sorted(_sql_roots(export, fields))
    ]
    cells = []
    for name in fields:
        column = export.columns[name]
        cell = pl.col(inner("raw", column.column)) if column.column is not None else parse_sql(column.sql or "")
        cells.append(cell.alias(inner("cell", name)))
    return frame.with_columns(roots).with_columns(cells)


def stored(export: Export, name: str) -> tuple[pl.Expr, pl.DataType]:
    """A cell as stored (or as SQL gives it), which a prepared frame has, and its type."""
    if name in export.columns:
        return pl.col(inner("cell", name)), export.cell_types[name]
    return pl.col(inner("raw", name)), export.types[name]


def _inferred(export: Export, name: str) -> pl.DataType:
    if name in export.columns:
        column = export.columns[name]
        return export.raw[column.column] if column.column is not None else export.cell_types[name]
    return export.raw[name]


def _typed_bad(export: Export, name: str) -> pl.Expr | None:
    cell, dtype = stored(export, name) if name in export.columns else (pl.col(inner("raw", name)), export.types[name])
    wanted = _inferred(export, name)
    if dtype != pl.String or wanted == pl.String:
        return None
    return is_bad(cell, dtype, typed(cell, dtype, wanted))


def _visible(export: Export, name: str, need: Need, ticks_per_second: int) -> pl.Expr:
    cell, dtype = stored(export, name)
    kind = export.columns[name].kind if name in export.columns else "property"
    match kind:
        case "id" | "text":
            return _text(export, name, need)
        case "number":
            return as_float(cell, dtype)
        case "instant":
            ticks = pl.col(inner("ticks", name))
            micros = ticks if ticks_per_second == MICROSECONDS else ticks // (ticks_per_second // MICROSECONDS)
            return wall_clock(micros, export.report_zone)
        case _:
            return typed(cell, dtype, _inferred(export, name))


def as_texts(export: Export, sql: str, where: str | None = None) -> frozenset[str]:
    """The columns of a predicate that must be seen as text for it to make sense: `zip LIKE '75%'`, `flag = 'true'`.

    None where the inferred types fit. Raises `UserError` where no choice fits.
    """
    schema = export.schema()
    used = check_names(sql, schema, where)
    try:
        check_sql(sql, schema, where)
    except UserError as error:
        loose = sorted(n for n in used if _inferred_from_text(export, n))[:6]
        for size in range(1, len(loose) + 1):
            for chosen in combinations(loose, size):
                try:
                    check_sql(sql, {**schema, **dict.fromkeys(chosen, pl.String())}, where)
                except UserError:
                    continue
                return frozenset(chosen)
        raise error from None
    return frozenset()


def _inferred_from_text(export: Export, name: str) -> bool:
    kind = export.columns[name].kind if name in export.columns else "property"
    return kind == "property" and stored(export, name)[1] == pl.String and _inferred(export, name) != pl.String


def with_predicates(
    frame: pl.LazyFrame, export: Export, predicates: Mapping[str, str], texts: Mapping[str, frozenset[str]]
) -> pl.LazyFrame:
    """Add one Boolean column a predicate, null counting as false; `texts` are the answers of `as_texts`."""
    plain = {name: sql for name, sql in predicates.items() if not texts[name]}
    frame = frame.with_columns(holds(sql).alias(name) for name, sql in plain.items())
    for name, sql in predicates.items():
        if texts[name]:
            keep = [pl.col(column).alias(inner("keep", column)) for column in sorted(texts[name])]
            seen = [as_text(*stored(export, column)).alias(column) for column in sorted(texts[name])]
            back = [pl.col(inner("keep", column)).alias(column) for column in sorted(texts[name])]
            frame = frame.with_columns(keep).with_columns(seen)
            frame = frame.with_columns(holds(sql).alias(name)).with_columns(back)
    return frame
