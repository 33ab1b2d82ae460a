"""One view in full: what it means, its table or its chart, the totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from engagement_cli.render.charts import CHARTS
from engagement_cli.render.documents import ViewPage
from engagement_cli.render.marks import legend
from engagement_cli.render.page import Block, Line, Page, notes
from engagement_cli.render.pages.account import below, dates
from engagement_cli.render.pages.grids import frame_grid, title_of, total_cell
from engagement_cli.render.pages.view_grid import measure_units, row_names, view_grid
from engagement_cli.render.text import safe
from engagement_cli.results import Finished


def _blocks(name: str, finished: Finished) -> list[Block]:
    chart = CHARTS.get(name)
    table = finished.view.table
    if table.is_empty():
        return [Line("No rows.")]
    if chart and set(chart.needs) <= set(table.columns):
        return chart.draw(finished)
    return [view_grid(finished)]


def _as_table(value: Any) -> pl.DataFrame | None:
    """A total that is itself a table."""
    if isinstance(value, pl.DataFrame):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return pl.DataFrame(list(value), infer_schema_length=None) if isinstance(value[0], Mapping) else None
    return None


def _totals(totals: Mapping[str, Any], units: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = []
    for name, value in totals.items():
        table = _as_table(value)
        if table is None:
            blocks.append(Line(f"{title_of(name).capitalize()}: {total_cell(value, name, units)}"))
        else:
            blocks += [Line(title_of(name).capitalize(), heading=2), frame_grid(table, units)]
    return blocks


def view_page(page: ViewPage) -> Page:
    """The page of a view."""
    finished, answer = page.finished, page.answer
    top: list[Block] = [Line(safe(finished.label), heading=1), *notes([safe(finished.view.semantics)]), dates(answer)]
    names = {name for row in row_names(finished.view) for name in row}
    totals = _totals(finished.view.totals, measure_units(finished.view))
    blocks = _blocks(page.name, finished)
    return (*top, *blocks, *totals, *notes([legend(names)]), *below(answer))
