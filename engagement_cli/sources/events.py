"""The events source as one lazy scan: customer, event, time, fate, identity, and what the metrics asked for."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.records import Record, field
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.fates import fate
from engagement_cli.sources.identities import apply_aliases
from engagement_cli.sources.numbers import as_text, has_text
from engagement_cli.sources.predicates import sql_columns
from engagement_cli.sources.rows import Need, as_texts, inner, is_empty, prepare, stored, with_predicates
from engagement_cli.sources.structure import check_rows
from engagement_cli.sources.timestamps import MICROSECONDS
from engagement_cli.timeline.hashing import text_hash

_IDENTITY_SEED = 0x9E3779B97F4A7C15
_OWN = ("customer", "event", "time", "fate", "identity")


class Wanted(Record):
    """Columns to add to the scan.

    `predicates`: output name → SQL, Boolean, null counts as false. `texts`: names wanted as text. `numbers`: names
    wanted as fixed point, Int64 of value × 10^6 rounded half to even; `floats` as Float64, of bad cells too. `cells`:
    names wanted as stored; `hashes` as the `text_hash` of their text as exported.
    """

    predicates: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    floats: tuple[str, ...] = ()
    cells: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()


def text_column(wanted: Wanted, name: str) -> str:
    """The output column of a wanted text: its name, or `text:name` where another output has that name."""
    taken = name in wanted.numbers or name in wanted.predicates or name in ("time", "fate", "identity")
    return f"text:{name}" if taken else name


def number_column(wanted: Wanted, name: str) -> str:
    """The output column of a wanted number: its name, or `number:name` where another output has that name."""
    return f"number:{name}" if name in _OWN or name in wanted.predicates else name


def float_column(name: str) -> str:
    """The output column of a wanted Float64."""
    return inner("float", name)


def cell_column(name: str) -> str:
    """The output column of a wanted cell."""
    return inner("cell", name)


def hash_column(name: str) -> str:
    """The output column of a wanted hash."""
    return inner("hash", name)


NOTHING = Wanted()


def scan_events(exports: Exports, wanted: Wanted = NOTHING, ticks_per_second: int = MICROSECONDS) -> pl.LazyFrame:
    """Every row of the events source, lazily, with only the columns needed.

    Columns: `customer` (String, aliases resolved, null where missing), `event` (String), `time` (Int64 ticks since
    1970 UTC), `fate` (UInt8: 0 used so far, 1 unparseable, 2 + i left out by the i-th of the source's exclusions),
    `identity` (UInt64, only with dedupe id or row; null: nothing to compare), then one a wanted predicate, text,
    number, float, cell and hash. Raises `UserError` for names and SQL that do not fit the export.
    """
    export = exports.sources["events"]
    check_rows(export.headers)
    exclusions = exports.exclusions.get("events", ())
    plan = _plan(exports, wanted)
    prepared = prepare(export, plan.need, ticks_per_second)
    frame = prepared.frame.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(plan.only_text))
    frame = with_predicates(frame, export, plan.predicates, plan.texts)
    event, time = pl.col(inner("text", "event")), pl.col(inner("ticks", "timestamp"))
    broken = [*(pl.col(flag) for flag in prepared.bad.values()), time.is_null(), is_empty(export, "event", plan.need)]
    excluded = [pl.col(inner("exclude", name)) for name in exclusions]
    texts_out = [n for n in wanted.texts if n not in ("customer", "event")]
    frame = frame.select(
        pl.col(inner("text", "customer")).alias("customer"),
        event.alias("event"),
        time.alias("time"),
        fate(broken, excluded).alias("fate"),
        *([_identity(export).alias("identity")] if export.dedupe != "none" else []),
        *(pl.col(inner("predicate", name)).alias(name) for name in wanted.predicates),
        *(pl.col(inner("text", name)).alias(text_column(wanted, name)) for name in dict.fromkeys(texts_out)),
        *(pl.col(inner("fixed", name)).alias(number_column(wanted, name)) for name in dict.fromkeys(wanted.numbers)),
        *(pl.col(float_column(name)) for name in dict.fromkeys(wanted.floats)),
        *(stored(export, name)[0].alias(cell_column(name)) for name in dict.fromkeys(wanted.cells)),
        *(pl.col(hash_column(name)) for name in wanted.hashes),
    )
    if exports.aliases is None or exports.aliases.is_empty():
        return frame
    renamed = [text_hash(pl.col("customer")).alias(hash_column("customer"))] if "customer" in wanted.hashes else []
    return apply_aliases(frame, exports.aliases).with_columns(renamed)


class _Plan(Record):
    """What a scan prepares, its predicates by inner name, and the columns each must see as text."""

    need: Need
    predicates: Mapping[str, str]
    texts: Mapping[str, frozenset[str]]
    only_text: frozenset[str]


def check_events(exports: Exports, wanted: Wanted) -> None:
    """Raise `UserError` as `scan_events` does, for names and SQL that do not fit the export."""
    check_rows(exports.sources["events"].headers)
    _plan(exports, wanted)


def event_need(exports: Exports, wanted: Wanted) -> Need:
    """What a scan of events prepares."""
    return _plan(exports, wanted).need


def _plan(exports: Exports, wanted: Wanted) -> _Plan:
    export = exports.sources["events"]
    for name in (*wanted.texts, *wanted.numbers, *wanted.floats, *wanted.cells, *wanted.hashes):
        if name not in export.names():
            raise UserError(f"events have no column {name!r}", hint=did_you_mean(name, export.names()))
    exclusions = exports.exclusions.get("events", ())
    labels = {inner("exclude", name): f"exclude.{name}" for name in exclusions}
    predicates = {inner("exclude", name): exports.rules[name] for name in exclusions}
    predicates |= {inner("predicate", name): sql for name, sql in wanted.predicates.items()}
    texts = {name: as_texts(export, sql, labels.get(name)) for name, sql in predicates.items()}
    typed = frozenset(n for name, sql in predicates.items() for n in sql_columns(sql) - texts[name])
    only_text = frozenset(n for names in texts.values() for n in names) - typed
    need = Need(
        visible=typed,
        texts=frozenset({"customer", "event", *wanted.texts, *(("id",) if export.dedupe == "id" else ()), *only_text}),
        numbers=frozenset(wanted.numbers),
        floats=frozenset(wanted.floats),
        cells=frozenset(wanted.cells),
        hashes=frozenset(wanted.hashes),
        ticks=frozenset({"timestamp"}),
        whole_row=export.dedupe == "row",
    )
    return _Plan(need, predicates, texts, only_text)


def _identity(export: Export) -> pl.Expr:
    if export.dedupe == "id":
        text = pl.col(inner("text", "id"))
        return pl.when(text.is_not_null()).then(text.hash(_IDENTITY_SEED))
    cells = [
        as_text(pl.col(inner("raw", n)), t) if has_text(t) else pl.col(inner("raw", n))
        for n, t in sorted(export.types.items())
    ]
    return pl.struct(cells).hash(_IDENTITY_SEED)


def ticks_per_second(exports: Exports) -> int:
    """1,000,000, or 1,000,000,000 where some sampled instant of a source is finer than a microsecond."""
    readings = [reading for export in exports.sources.values() for reading in export.readings.values()]
    return 1_000_000_000 if any(reading.finer for reading in readings) else MICROSECONDS
