"""Parquet: the rows with their types."""

from __future__ import annotations

from typing import IO

from engagement_cli.render.data import rows
from engagement_cli.render.documents import Document
from engagement_cli.render.layout import Layout


def render(document: Document, stream: IO[bytes], layout: Layout) -> None:
    """Write the rows as Parquet."""
    rows(document).write_parquet(stream)
