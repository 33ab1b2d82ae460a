"""Abandonment: the share who leave, as bars."""

from __future__ import annotations

from engagement_cli.records import replace
from engagement_cli.render.charts.chart import Chart, open_line
from engagement_cli.render.page import Block, Cell, Column, Grid, Section
from engagement_cli.render.pages.view_grid import view_grid
from engagement_cli.render.sparkline import BAR, bar
from engagement_cli.results import Finished


def _draw(finished: Finished) -> list[Block]:
    if "difference" in finished.view.columns:  # where values are compared, the numbers need the room
        return [_everybody_named(view_grid(finished)), *open_line(finished)]
    cells = [Cell(bar(share, 1.0, BAR)) for share in finished.view.table["abandonment"].to_list()]
    return [view_grid(finished, [(Column("bar", "leave", right=False), cells)]), *open_line(finished)]


def _everybody_named(grid: Grid) -> Grid:
    """The grid with a word on the rows that are about no value of a property."""
    place = next(i for i, column in enumerate(grid.columns) if column.key == "property")
    sections = tuple(
        Section(s.title, tuple(row if row[place].text else _with(row, place, Cell("all")) for row in s.rows))
        for s in grid.sections
    )
    return replace(grid, sections=sections)


def _with(row: tuple[Cell, ...], place: int, cell: Cell) -> tuple[Cell, ...]:
    return (*row[:place], replace(cell, style=row[place].style), *row[place + 1 :])


CHART = Chart(("abandonment", "open"), _draw)
