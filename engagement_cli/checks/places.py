"""Where a row stands, for findings: the file, and the line in a CSV or the row in a Parquet file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import TextIOWrapper
from itertools import islice
from pathlib import Path

import polars as pl

from engagement_cli.records import replace
from engagement_cli.settings.places import show_path
from engagement_cli.sources.export import Export
from engagement_cli.sources.headers import Header, open_bytes
from engagement_cli.sources.rows import Need, inner, prepare

_SHOWN_FILES = 3


def show_files(files: Sequence[Path]) -> str:
    """`events.csv`, or the first few of many files."""
    more = len(files) - _SHOWN_FILES
    return ", ".join(show_path(file) for file in files[:_SHOWN_FILES]) + (f" and {more} more" if more > 0 else "")


def label(export: Export, field: str) -> str:
    """The column of the export behind a field, else the field."""
    column = export.columns.get(field)
    return column.column if column is not None and column.column is not None else field


def locate(export: Export, need: Need, condition: pl.Expr, ticks_per_second: int) -> str:
    """`file:line` of the first row for which a condition over prepared columns holds; the files where none does."""
    position = inner("position", "")
    for header in export.headers:
        prepared = prepare(replace(export, headers=(header,)), need, ticks_per_second, position=position)
        found = prepared.frame.filter(condition).select(position).head(1).collect()
        if found.height:
            return f"{show_path(header.file)}:{_line(header, int(found.item()))}"
    return show_files(export.files)


def _line(header: Header, position: int) -> int:
    """The line at which a row (0 first) starts; quoted cells may run over lines."""
    if header.delimiter is None:
        return position + 1
    with open_bytes(header.file) as stream:
        reader = csv.reader(TextIOWrapper(stream, "utf-8-sig", newline=""), delimiter=header.delimiter)
        for _ in islice(reader, position + 1):
            pass
        return reader.line_num + 1
