"""Newline-delimited JSON: one row a line, without what stands around them."""

from __future__ import annotations

from typing import IO

from engagement_cli.render.data import json_lines, rows
from engagement_cli.render.documents import Document
from engagement_cli.render.layout import Layout


def render(document: Document, stream: IO[bytes], layout: Layout) -> None:
    """Write one JSON object a row (UTF-8)."""
    stream.write(json_lines(rows(document)).encode())
