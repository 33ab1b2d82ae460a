"""A board on a page: segments as rows and metrics as columns, or turned; without segments, like the report."""

from __future__ import annotations

from engagement_cli.render.boards import lanes, segments_of, values_of
from engagement_cli.render.documents import BoardPage
from engagement_cli.render.marks import legend
from engagement_cli.render.numbers import quantity
from engagement_cli.render.page import Block, Cell, Column, Grid, Line, Page, Section, marked_in, notes
from engagement_cli.render.pages.account import below, dates
from engagement_cli.render.pages.grids import reductions
from engagement_cli.render.text import safe


def _by_segment(page: BoardPage) -> Grid:
    found = lanes(page)
    names = segments_of(found)
    columns = [Column(f"by {name}", safe(name), right=False) for name in page.by]
    columns += [Column(lane.finished.name, safe(lane.finished.label)) for lane in found]
    rows = []
    values = [dict(lane.cells.select("segments", "value").iter_rows()) for lane in found]
    for name in names:
        titles = [Cell("all" if value is None else safe(value)) for value in values_of(name, page.by)]
        cells = [quantity(mine.get(name), lane.unit) for mine, lane in zip(values, found, strict=True)]
        rows.append((*titles, *(Cell(c.number, c.unit) for c in cells)))
    keys = [column.key for column in columns]
    return Grid(tuple(columns), (Section("", tuple(rows)),), reductions(keys, keys[: len(page.by) + 1]))


def board_page(page: BoardPage) -> Page:
    """The page of a board."""
    answer = page.answer
    top: list[Block] = [Line(safe(page.title), heading=1), dates(answer)]
    blocks: list[Block] = [_by_segment(page)]
    return (*top, *blocks, *notes([legend(marked_in(blocks)), _left_out(page), *map(safe, page.notes)]), *below(answer))


def _left_out(page: BoardPage) -> str:
    """Which of the board's metrics the exports cannot feed, on one line."""
    return f"Left out: {', '.join(page.left_out)}: the exports lack what they need" if page.left_out else ""
