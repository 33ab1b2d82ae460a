"""What stands below a view's table: its totals, one a line, or a table each; an interval behind its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from engagement_cli.render.marks import marks, small
from engagement_cli.render.numbers import interval
from engagement_cli.render.page import Block, Cell, Column, Grid, Line, Section
from engagement_cli.render.pages.grids import column_cells, is_right, reductions, title_of, total_cell, unit_of
from engagement_cli.render.pages.view_grid import measure_units
from engagement_cli.results import View

_LOW, _HIGH = "ci_low", "ci_high"


def total_blocks(view: View) -> list[Block]:
    """The totals: numbers as lines, tables under their name."""
    totals, units = view.totals, measure_units(view)
    owner = _owner({name: isinstance(value, float) for name, value in totals.items()}, view)
    blocks: list[Block] = []
    for name, value in totals.items():
        table = _as_table(value)
        if table is not None:
            blocks += [Line(title_of(name).capitalize(), heading=2), _grid(table, view)]
        elif owner is None or name not in (_LOW, _HIGH):
            unit = unit_of(name, units)
            span = interval(totals[_LOW], totals[_HIGH], value, unit) if name == owner else ""
            behind = f" (95 % CI {span})" if span else ""
            blocks.append(Line(f"{title_of(name).capitalize()}: {total_cell(value, name, units)}{behind}"))
    return blocks


def _as_table(value: Any) -> pl.DataFrame | None:
    """A total that is itself a table."""
    if isinstance(value, pl.DataFrame):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return pl.DataFrame(list(value), infer_schema_length=None) if isinstance(value[0], Mapping) else None
    return None


def _owner(is_float: Mapping[str, bool], view: View) -> str | None:
    """Which number `ci_low` and `ci_high` belong to: a measure's, else the last before them that is no count."""
    names = list(is_float)
    if not {_LOW, _HIGH} <= set(names):
        return None
    measured = [m.column for m in view.measures if m.ci_low == _LOW and m.column in names]
    before = [name for name in names[: names.index(_LOW)] if is_float[name] and name != _HIGH]
    return next(iter([*measured, *reversed(before)]), None)


def _grid(table: pl.DataFrame, view: View) -> Grid:
    """A table of totals, one column for an interval's two ends; rows that rest on few customers are marked."""
    units = measure_units(view)
    owner = _owner({name: dtype.is_float() for name, dtype in table.schema.items()}, view)
    shown: list[tuple[Column, Sequence[Cell]]] = []
    for name, dtype in table.schema.items():
        if owner is not None and name in (_LOW, _HIGH):
            continue
        unit = unit_of(name, units)
        shown.append((Column(name, title_of(name), right=is_right(dtype)), column_cells(table[name], unit)))
        if name == owner:
            ends = table.select(_LOW, _HIGH, name).rows()
            spans = [Cell(interval(low, high, value, unit)) for low, high, value in ends]
            shown.append((Column(_LOW, "95 % CI"), spans))
    if owner is not None:
        shown.append((Column("marks", "", right=False), _marked(table, view, owner)))
    keys = [column.key for column, _ in shown]
    rows = tuple(zip(*(cells for _, cells in shown), strict=True))
    return Grid(tuple(column for column, _ in shown), (Section("", rows),), reductions(keys, [*keys[:2], "marks"]))


def _marked(table: pl.DataFrame, view: View, owner: str) -> list[Cell]:
    count = next((m.n for m in view.measures if m.column == owner and m.n), "customers")
    if count not in table.columns:
        return [Cell()] * table.height
    names = [small(n, value) for n, value in table.select(count, owner).rows()]
    return [Cell(marks(found), marked=found) for found in names]
