"""A plain table of rows: a title, the table, notes."""

from __future__ import annotations

from engagement_cli.render.data import plain
from engagement_cli.render.documents import Rows
from engagement_cli.render.page import Block, Line, Page, notes
from engagement_cli.render.pages.account import below, dates
from engagement_cli.render.pages.grids import frame_grid
from engagement_cli.render.text import safe


def rows_page(document: Rows) -> Page:
    """The page of a plain table."""
    answer = document.answer
    title = [Line(safe(document.title), heading=1)] if document.title else []
    top: list[Block] = [*title, *notes([safe(document.semantics)]), *([dates(answer)] if answer else [])]
    table = document.table
    body: Block = frame_grid(plain(table), document.units) if table.height else Line("No rows.")
    return (*top, body, *notes(safe(note) for note in document.notes), *(below(answer) if answer else []))
