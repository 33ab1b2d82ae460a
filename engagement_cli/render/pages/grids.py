"""A frame as a grid: every column by its unit, or else by its type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from engagement_cli.render.numbers import MISSING, Quantity, fixed, quantity
from engagement_cli.render.page import Cell, Column, Grid, Reduction, Section, of_quantity
from engagement_cli.render.periods import moment
from engagement_cli.render.text import safe

_INSTANTS = ("period_start", "period_end", "cohort_start", "as_of")
_SHORT = 20  # a text column that must make room
_WRAPPED = ("says", "comment", "reasons")  # what people wrote, or what is to be read whole
_SENTENCE = 28  # and the room that such a text takes at least
_UNITS = {"stickiness": "share"}
_SUFFIXES = {"_days": "days", "_rate": "share", "_share": "share"}


_TITLES = {"conversion_from_start": "from start", "conversion_from_previous": "from previous"}


def title_of(column: str) -> str:
    """A column's name in words; seconds are shown in the unit that fits, so that they are called time."""
    return safe(_TITLES.get(column) or re.sub(r"\bseconds\b", "time", column.replace("_", " ")))


def unit_of(column: str, units: Mapping[str, str]) -> str:
    """The unit of a column: as given, or as its name says (`median_seconds`); else empty."""
    if column in units or column in _UNITS:
        return units.get(column) or _UNITS[column]
    if "seconds" in column.split("_"):
        return "seconds"
    return next((unit for suffix, unit in _SUFFIXES.items() if column.endswith(suffix)), "")


def cell_of(value: Any, unit: str) -> Cell:
    """A value as a cell, by its unit or else its type; nothing is an empty cell."""
    match value:
        case None:
            return Cell()
        case bool():
            return Cell("yes" if value else "no")
        case int() if unit in ("", "count", "number"):
            return Cell(fixed(value, 0))
        case int() | float():
            return of_quantity(quantity(value, unit))
        case Mapping():
            return Cell(safe(", ".join(f"{title_of(str(k))} {cell_of(v, '').whole}" for k, v in value.items())))
        case list() | tuple():
            return Cell(", ".join(cell_of(item, unit).whole for item in value))
    return Cell(safe(str(value)))


def column_cells(series: pl.Series, unit: str, *, always: bool = False) -> list[Cell]:
    """The cells of a column of a frame.

    A number that is missing is an en dash, a text that is missing an empty cell; so are the numbers of a column that
    has none at all, unless it is `always` to be seen.
    """
    if series.name in _INSTANTS and series.dtype == pl.String:
        return [Cell(safe(moment(text))) for text in series.to_list()]
    numbers = series.dtype.is_numeric() or series.dtype == pl.Null
    missing = Cell(MISSING) if numbers and (always or series.null_count() < len(series)) else Cell()
    return [missing if value is None else cell_of(value, unit) for value in series.to_list()]


def is_right(dtype: pl.DataType) -> bool:
    """Whether a column of this type is aligned at its right: numbers are."""
    return dtype.is_numeric()


def reductions(columns: Sequence[str], kept: Sequence[str]) -> tuple[Reduction, ...]:
    """Columns are given up from the right; those that tell what a row is about are not."""
    return tuple(Reduction(column) for column in reversed(columns) if column not in kept)


def frame_grid(table: pl.DataFrame, units: Mapping[str, str]) -> Grid:
    """A whole frame as a grid; the first two columns always stay, texts are shortened before they go, and sentences
    go on below."""
    columns = tuple(
        Column(c, title_of(c), right=is_right(dtype), wraps=c in _WRAPPED) for c, dtype in table.schema.items()
    )
    cells = [column_cells(table[c], unit_of(c, units)) for c in table.columns]
    rows = tuple(zip(*cells, strict=True))
    texts = {column.key for column in columns if not column.right}
    given_up: list[Reduction] = []
    for reduction in reductions(table.columns, table.columns[:2]):
        if reduction.column in _WRAPPED:
            given_up.insert(0, Reduction(reduction.column, _SENTENCE))
            continue
        given_up += [Reduction(reduction.column, _SHORT)] if reduction.column in texts else []
        given_up.append(reduction)
    return Grid(columns, (Section("", rows),), tuple(given_up))


def total_cell(value: Any, name: str, units: Mapping[str, str]) -> str:
    """A total in words, by the unit of its name."""
    if isinstance(value, Mapping):
        return ", ".join(f"{title_of(str(k))} {total_cell(v, str(k), units)}" for k, v in value.items())
    if isinstance(value, Quantity):
        return value.text
    if value is None:
        return MISSING
    if isinstance(value, float) and not unit_of(name, units) and name in ("rate", "share"):
        return cell_of(value, "share").whole
    return cell_of(value, unit_of(name, units)).whole
