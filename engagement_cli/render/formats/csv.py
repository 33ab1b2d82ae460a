"""CSV: comma, a header, full values; null is nothing, empty text is `""`."""

from __future__ import annotations

from typing import IO

import polars as pl

from engagement_cli.render.data import rows
from engagement_cli.render.documents import Document
from engagement_cli.render.layout import Layout


def _flat(name: str, dtype: pl.DataType) -> pl.Expr:
    """Lists as `a;b`, the join that `flags` and `segments` use; records as JSON."""
    column = pl.col(name)
    if isinstance(dtype, pl.List | pl.Array):
        texts = column.cast(pl.List(pl.String))
        return texts.list.join(";")
    return column.struct.json_encode() if isinstance(dtype, pl.Struct) else column


def render(document: Document, stream: IO[bytes], layout: Layout) -> None:
    """Write the rows as CSV (UTF-8)."""
    table = rows(document)
    table.select(_flat(name, dtype) for name, dtype in table.schema.items()).write_csv(stream)
