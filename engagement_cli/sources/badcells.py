"""Cells that could not be read: which they are, and when there are too many."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

import polars as pl

from engagement_cli.errors import ExitCode, Problem, UserError
from engagement_cli.records import Record, replace
from engagement_cli.results import Waterfall
from engagement_cli.settings.places import short_path, show_path
from engagement_cli.sources.events import NOTHING, Wanted, event_need
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.headers import Header, open_bytes
from engagement_cli.sources.numbers import as_text
from engagement_cli.sources.rows import inner, prepare
from engagement_cli.sources.tables import EMPTY_IS_BAD, table_need
from engagement_cli.sources.timestamps import MICROSECONDS

_SOON = 4096  # rows among which the first bad cells mostly are
TOO_MANY = 0.01
_TEXT = 40  # characters of a cell in a warning


class BadCell(Record):
    """One cell that makes its row unparseable. `row` is the line in a CSV file, the row (from 1) in Parquet."""

    file: Path
    row: int
    column: str
    text: str | None
    why: str

    def __str__(self) -> str:
        """In one short line, for warnings."""
        text = self.text if self.text is None or len(self.text) <= _TEXT else f"{self.text[: _TEXT - 1]}…"
        what = self.why if text is None else repr(text)
        return f"{short_path(self.file)}:{self.row} ({self.column} is {what})"


def first_bad_cells(
    exports: Exports, source: str, wanted: Wanted = NOTHING, ticks_per_second: int = MICROSECONDS, limit: int = 3
) -> list[BadCell]:
    """The first bad cells of a source, in the order of its files: a second pass that stops when it has them.

    For events, `wanted` is what was scanned for, as only cells that are read can be bad.
    """
    export = exports.sources[source]
    found: list[BadCell] = []
    for header in export.headers:
        found += _in_file(exports, export, header, wanted, ticks_per_second, limit - len(found))
        if len(found) >= limit:
            break
    return found


def _in_file(
    exports: Exports, export: Export, header: Header, wanted: Wanted, ticks_per_second: int, limit: int
) -> list[BadCell]:
    alone = replace(export, headers=(header,))
    need = event_need(exports, wanted) if export.name == "events" else table_need(exports, export.name)
    position = inner("position", "")
    prepared = prepare(alone, need, ticks_per_second, position=position)
    required = EMPTY_IS_BAD[export.name]
    names = list(dict.fromkeys([*prepared.bad, *required]))
    texts = []
    for name in names:
        column = export.columns.get(name)
        cell = inner("cell", name) if column is not None else inner("raw", name)
        dtype = export.cell_types[name] if column is not None else export.types[name]
        texts.append(as_text(pl.col(cell), dtype).alias(name))
    rows = prepared.frame.select(
        pl.col(position),
        *texts,
        *(pl.col(flag).alias(flag) for flag in prepared.bad.values()),
    )
    wrong = [pl.col(flag) for flag in prepared.bad.values()] + [pl.col(name).is_null() for name in required]
    if not wrong:
        return []
    bad = rows.head(_SOON).filter(pl.any_horizontal(wrong)).head(limit).collect()
    if bad.height < limit:  # they are rare: the whole file is looked through
        bad = rows.filter(pl.any_horizontal(wrong)).head(limit).collect()
    lines = _lines(header, bad[position].to_list())
    return [
        _cell(export, header.file, line, row, prepared.bad, required)
        for line, row in zip(lines, bad.iter_rows(named=True), strict=True)
    ]


def _cell(
    export: Export, file: Path, line: int, row: dict[str, object], flags: Mapping[str, str], required: Sequence[str]
) -> BadCell:
    name = next((name for name, flag in flags.items() if row[flag]), None)
    if name is None:
        name = next(field for field in required if row[field] is None)
        return BadCell(file, line, _label(export, name), None, "empty")
    text = str(row[name])
    kind = export.columns[name].kind if name in export.columns else "property"
    what = {"instant": "no timestamp between 1900 and 2262", "number": "no number"}.get(kind)
    what = what or f"unlike the rest of the column ({export.raw[_raw(export, name)]})"
    return BadCell(file, line, _label(export, name), text, f"{text!r} is {what}")


def _raw(export: Export, name: str) -> str:
    column = export.columns.get(name)
    return column.column if column is not None and column.column is not None else name


def _label(export: Export, name: str) -> str:
    column = export.columns.get(name)
    return name if column is None or column.sql is not None else (column.column or name)


def _lines(header: Header, positions: Sequence[int]) -> list[int]:
    """The line in the file at which each row starts; quoted cells may run over lines."""
    if header.delimiter is None:
        return [position + 1 for position in positions]
    lines: list[int] = []
    with open_bytes(header.file) as stream:
        reader = csv.reader(TextIOWrapper(stream, "utf-8-sig", newline=""), delimiter=header.delimiter)
        next(reader)
        at = 0
        for position in positions:
            for _ in islice(reader, position - at):
                pass
            at = position
            lines.append(reader.line_num + 1)
    return lines


def too_many_bad_cells(waterfall: Waterfall, strict: bool, cells: Sequence[BadCell] = ()) -> UserError | None:
    """The error (exit 3) where more than 1 % of a source's rows, or any under `--strict`, cannot be read."""
    if waterfall.unparseable <= (0 if strict else TOO_MANY * waterfall.read):
        return None
    share = waterfall.unparseable / waterfall.read
    problems = [
        Problem(
            f"{waterfall.unparseable:,} of {waterfall.read:,} rows of {waterfall.source} ({share:.2%}) cannot be read",
            waterfall.source,
            "correct the cells, or map the column that holds what is meant" if strict else "at most 1 % may be bad",
        )
    ]
    problems += [Problem(f"column {c.column}: {c.why}", f"{show_path(c.file)}:{c.row}") for c in cells]
    return UserError(problems, code=ExitCode.INPUT)
