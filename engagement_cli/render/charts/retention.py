"""Retention: the triangle of cohorts × periods, shaded; the numbers stand in it, so that it reads without colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from engagement_cli.render.charts.chart import Chart
from engagement_cli.render.marks import marks, named
from engagement_cli.render.numbers import fixed, quantity
from engagement_cli.render.page import Block, Cell, Column, Grid, Line, Section
from engagement_cli.render.pages.grids import reductions
from engagement_cli.render.pages.pooled import pooled
from engagement_cli.render.pages.view_grid import row_names, view_grid
from engagement_cli.render.periods import period_name
from engagement_cli.results import Finished

# Light to dark; the text is dark on light and light on dark.
_SHADES = ("#eff6ff", "#dbeafe", "#bfdbfe", "#93c5fd", "#60a5fa", "#2563eb", "#1e40af", "#172554")
_DARK_FROM = 5


def _shade(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return ""
    level = min(max(int(value * len(_SHADES)), 0), len(_SHADES) - 1)
    return f"{'#ffffff' if level >= _DARK_FROM else '#111111'} on {_SHADES[level]}"


def _cell(value: float | None, unit: str, names: Sequence[str] = ()) -> Cell:
    """A share as per cent without the sign, to keep the triangle narrow; without a value, nothing, unmarked."""
    if value is None or not math.isfinite(value):
        return Cell()
    number = fixed(value * 100, 1) if unit == "share" else quantity(value, unit).text
    return Cell(number, marks(names), _shade(value) if unit == "share" else "", tuple(names))


def _pooled_row(finished: Finished, segments: str, indexes: Sequence[int], lead: int) -> tuple[Cell, ...] | None:
    """The complete cells of all cohorts together, as the metric rows have them."""
    measure = finished.view.measures[0]
    rows = finished.rows.filter(
        pl.col("measure") == measure.column,
        pl.col("segments") == segments,
        pl.col("cohort_start").is_not_null(),
        pl.col("complete").fill_null(True),
    )
    if rows.is_empty():
        return None
    parts = {key[0]: part for key, part in rows.group_by("index", maintain_order=True)}
    pools = [pooled(finished.view, parts[i]) if i in parts else None for i in indexes]
    cells = (_cell(row["value"], measure.unit, named(True, row["flags"])) if row else Cell() for row in pools)
    return (Cell("pooled", style="bold"), *[Cell()] * lead, *cells)


def _triangle(finished: Finished, cells: pl.DataFrame, indexes: Sequence[int], segments: str) -> Section:
    """One row a cohort, one cell a period; what is not yet complete is marked."""
    view, rows = finished.view, []
    measure, sized = view.measures[0], "cohort_size" in cells.columns
    for (start,), part in cells.group_by("cohort_start", maintain_order=True):
        known: dict[int, dict[str, Any]] = {row[view.index or ""]: row for row in part.iter_rows(named=True)}
        end = part["period_end"][0] if "period_end" in part.columns and len(indexes) == 1 else None
        name = period_name(str(start), end, finished.every).removeprefix("from ")
        size = [Cell(fixed(part["cohort_size"][0] or 0, 0))] if sized else []
        values = (
            _cell(known[i][measure.column], measure.unit, known[i]["_names"]) if i in known else Cell() for i in indexes
        )
        rows.append((Cell(name), *size, *values))
    last = _pooled_row(finished, segments, indexes, int(sized))
    return Section(segments.replace(";", " · "), (*rows, *([last] if last else [])))


def _draw(finished: Finished) -> list[Block]:
    view = finished.view
    if not view.index or view.index not in view.table.columns or not view.measures:
        return [view_grid(finished)]
    table = view.table.with_columns(pl.Series("_names", row_names(view), dtype=pl.List(pl.String)))
    indexes = sorted(table[view.index].drop_nulls().unique().to_list())
    lead = [Column("cohort_start", "cohort", right=False)]
    lead += [Column("cohort_size", "size")] if "cohort_size" in table.columns else []
    columns = [*lead, *(Column(str(i), str(i)) for i in indexes)]
    sections = [
        _triangle(finished, part, indexes, str(segments))
        for (segments,), part in table.group_by("segments", maintain_order=True)
    ]
    keys = [column.key for column in columns]
    grid = Grid(tuple(columns), tuple(sections), reductions(keys, [c.key for c in lead]))
    share = ", in %" if view.measures[0].unit == "share" else ""
    unit = finished.every if finished.every.isalpha() else f"period of {finished.every}"
    return [Line(f"{view.measures[0].column.capitalize()}{share}, by {unit} since the start", "dim"), grid]


CHART = Chart(("cohort_start", "segments"), _draw)
