"""A page drawn as text for a terminal, a pipe or a file."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from engagement_cli.render.fit import GAP, Fitted, arranged, fit
from engagement_cli.render.layout import Layout
from engagement_cli.render.page import Cell, Code, Column, Grid, Layouts, Line, Page
from engagement_cli.render.piece import Piece, Styled
from engagement_cli.render.text import padded, shortened, wrapped

_HEADINGS = {0: "", 1: "bold", 2: "bold"}


def _cell(cell: Cell, column: Column, width: int, unit: int) -> str:
    # A text among numbers, such as a goal in words, may need the room of their units.
    if not column.right or not unit or (not cell.unit and cell_len(cell.text) > width - unit):
        text = cell.whole
        if cell_len(text) > width:
            return text[-width:] if column.latest else shortened(text, width)
        return padded(text, width, right=column.right)
    number = padded(cell.text, width - unit, right=True)
    return padded(f"{number} {cell.unit}" if cell.unit else number, width)


def _lines(cells: tuple[Cell, ...], columns: tuple[Column, ...], fitted: Fitted) -> Iterator[tuple[Cell, ...]]:
    """The row, and below it what is left of the texts that wrap."""
    places = dict(zip(fitted.columns, fitted.widths, strict=True))
    parts = [
        wrapped(cell.whole, places[i]) if column.wraps and i in places else [cell.whole]
        for i, (cell, column) in enumerate(zip(cells, columns, strict=True))
    ]
    if max(map(len, parts)) == 1:
        yield cells
        return
    for line in range(max(map(len, parts))):
        yield tuple(
            (cell if line == 0 and len(part) == 1 else Cell(part[line] if line < len(part) else "", style=cell.style))
            for cell, part in zip(cells, parts, strict=True)
        )


def _row(cells: tuple[Cell, ...], columns: tuple[Column, ...], fitted: Fitted) -> Styled:
    places = zip(fitted.columns, fitted.widths, fitted.units, strict=True)
    parts = [(_cell(cells[index], columns[index], width, unit), cells[index].style) for index, width, unit in places]
    return [each for part in parts for each in ((" " * GAP, ""), part)][1:]


def _grid(grid: Grid, fitted: Fitted) -> Iterator[Styled]:
    lines = [_title_lines(column) for column in grid.columns]
    height = max(len(line) for line in lines)
    for stacked in zip(*([""] * (height - len(line)) + line for line in lines), strict=True):
        yield _row(tuple(Cell(text, style="bold") for text in stacked), _titles(grid.columns), fitted)
    for section in grid.sections:
        if section.title:
            yield []
            yield [(section.title, "bold")]
        for row in section.rows:
            for line in _lines(row, grid.columns, fitted):
                yield _row(line, grid.columns, fitted)


def _title_lines(column: Column) -> list[str]:
    lines = column.title.split("\n")
    width = max(cell_len(line) for line in lines)
    return [padded(line, width, right=column.right) for line in lines]


def _titles(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns as their titles are drawn: a title that is cut keeps its start."""
    return tuple(Column(c.key, c.title, c.right) for c in columns)


def _pieces(page: Page, width: int) -> Iterator[Piece]:
    blocks = [b for block in page for b in (arranged(block, width) if isinstance(block, Layouts) else [block])]
    for place, block in enumerate(blocks):
        heading = isinstance(block, Grid) or (isinstance(block, Line) and block.heading)
        if place and (heading or isinstance(blocks[place - 1], Grid)):
            yield Piece([[]])
        if isinstance(block, Code):
            yield Piece([[(line, "")] for line in block.lines])
        elif isinstance(block, Line):
            yield Piece([[(block.text, f"{_HEADINGS[block.heading]} {block.style}".strip())]])
        else:
            grid = block.without_empty_columns()
            fitted = fit(grid, width)
            yield Piece(list(_grid(grid, fitted)), wraps=False)
            if fitted.given_up:
                yield Piece([[], [(fitted.given_up, "dim")]])


def draw(page: Page, layout: Layout) -> str:
    """The page as text: lines wrapped at the width, grids fitted to it; without styles it has no escape codes."""
    pieces = list(_pieces(page, layout.width))
    if not layout.styled:
        lines = [("".join(text for text, _ in line), piece.wraps) for piece in pieces for line in piece.lines]
        if all(line.isprintable() and not (wraps and cell_len(line) > layout.width) for line, wraps in lines):
            return "".join(f"{line.rstrip(' ')}\n" for line, _ in lines)
    from engagement_cli.render.printing import printed  # takes Rich, which takes time to load

    return printed(pieces, layout)
