"""The table that people read: rounded, with units, as wide as the terminal."""

from __future__ import annotations

from typing import IO

from engagement_cli.render.documents import Document
from engagement_cli.render.draw import draw
from engagement_cli.render.layout import Layout
from engagement_cli.render.pages.document import page_of


def render(document: Document, stream: IO[bytes], layout: Layout) -> None:
    """Write the page as text (UTF-8), plain unless the layout is styled."""
    page = tuple(block for block in page_of(document) if not getattr(block, "talk", False))
    stream.write(draw(page, layout).encode())
