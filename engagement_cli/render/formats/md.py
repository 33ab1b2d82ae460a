"""Markdown with GitHub tables: the page of the table format, at full width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from engagement_cli.render.documents import Document
from engagement_cli.render.layout import Layout
from engagement_cli.render.page import Block, Code, Grid, Layouts
from engagement_cli.render.pages.document import page_of

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&])")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _cell(text: str) -> str:
    # A segment's indent would be lost: Markdown trims a cell.
    inner = text.lstrip(" ")
    return "&nbsp;" * (len(text) - len(inner)) + _escaped(inner)


def _grid(grid: Grid) -> Iterator[str]:
    grid = grid.without_empty_columns()
    header = f"| {' | '.join(_escaped(c.title.replace(chr(10), ' ')) for c in grid.columns)} |"
    rule = f"| {' | '.join('---:' if c.right else '---' for c in grid.columns)} |"
    for section in grid.sections:
        table = [header, rule, *(f"| {' | '.join(_cell(cell.whole) for cell in row)} |" for row in section.rows)]
        if section.title:
            yield f"## {_escaped(section.title)}"
        yield "\n".join(table)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Layouts):
        yield from _grid(block.richest)
    elif isinstance(block, Grid):
        yield from _grid(block)
    elif isinstance(block, Code):
        yield "\n".join([f"```{block.language}", *block.lines, "```"])
    else:
        yield f"{'#' * block.heading} {_escaped(block.text)}".lstrip()


def render(document: Document, stream: IO[bytes], layout: Layout) -> None:
    """Write the page as Markdown (UTF-8)."""
    parts = [part for block in page_of(document) for part in _block(block)]
    stream.write(("\n\n".join(parts) + "\n").encode())
