"""A page of text before it has a width: lines and grids of cells. Table and Markdown draw the same page."""

from __future__ import annotations

from collections.abc import Iterable

from engagement_cli.records import Record
from engagement_cli.render.numbers import Quantity


class Cell(Record):
    """A cell's text, its unit (aligned apart from the number) and its style, which never says anything alone.

    `marked` names what the marks in it stand for, so that the page can explain those in use.
    """

    text: str = ""
    unit: str = ""
    style: str = ""
    marked: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """Text and unit."""
        return f"{self.text} {self.unit}".rstrip() if self.text else self.unit


class Column(Record):
    """A column of a grid; shortened, it loses its start where its `latest` end matters more (a trend).

    A text that `wraps` goes on below instead of being cut.
    """

    key: str
    title: str
    right: bool = True
    latest: bool = False
    wraps: bool = False


class Section(Record):
    """Rows under a title; each row has one cell a column."""

    title: str
    rows: tuple[tuple[Cell, ...], ...]


class Reduction(Record):
    """What may be given up for width: a column shortened to `width`, or, at 0, left out."""

    column: str
    width: int = 0


class Grid(Record):
    """Sections that share their columns, and what to give up first where they do not fit."""

    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    reductions: tuple[Reduction, ...] = ()

    def without_empty_columns(self) -> Grid:
        """The grid without the columns in which no cell has text."""
        cells = [row for section in self.sections for row in section.rows]
        kept = [i for i, _ in enumerate(self.columns) if any(row[i].whole for row in cells)] if cells else []
        if not kept:
            return self
        sections = (Section(s.title, tuple(tuple(row[i] for i in kept) for row in s.rows)) for s in self.sections)
        return Grid(tuple(self.columns[i] for i in kept), tuple(sections), self.reductions)


class Layouts(Record):
    """The same rows laid out in several ways. Drawn is the first that fits, or one of `grids` in a few parts, or
    the one that gives up least; `richest` has more in it, and is drawn only where it fits.

    `keys` are how many columns at the left of each of `grids` tell what a row is about.
    """

    richest: Grid
    grids: tuple[Grid, ...]
    keys: tuple[int, ...]


class Line(Record):
    """A paragraph; `heading` 1 is the page's title, 2 a title inside it. `talk` is for documents that are passed on:
    a table on a terminal leaves it to stderr."""

    text: str
    style: str = ""
    heading: int = 0
    talk: bool = False


class Code(Record):
    """Lines of a language, to be copied as they are."""

    lines: tuple[str, ...]
    language: str = "yaml"


Block = Line | Grid | Layouts | Code
Page = tuple[Block, ...]


def marked_in(blocks: Iterable[Block]) -> set[str]:
    """The names of all marks in the blocks' grids."""
    shown = [block.richest if isinstance(block, Layouts) else block for block in blocks]
    grids = [block for block in shown if isinstance(block, Grid)]
    return {name for grid in grids for s in grid.sections for row in s.rows for cell in row for name in cell.marked}


def of_quantity(amount: Quantity, style: str = "") -> Cell:
    """A cell that holds a quantity, its unit aligned apart."""
    return Cell(amount.number, amount.unit, style)


def notes(texts: Iterable[str]) -> list[Line]:
    """Dim paragraphs, one a text, empty ones left out."""
    return [Line(text, "dim") for text in texts if text]
