"""Parquet: the rows with their types."""

from __future__ import annotations

from io import BytesIO
from typing import IO

from engagement_cli.render.data import rows
from engagement_cli.render.documents import Document
from engagement_cli.render.layout import Layout


def render(document: Document, stream: IO[bytes], layout: Layout) -> None:
    """Write the rows as Parquet."""
    # Through memory: given a file, Polars writes to its descriptor and hides a full disk behind an error of its own.
    buffer = BytesIO()
    rows(document, dates=True).write_parquet(buffer)
    stream.write(buffer.getbuffer())
