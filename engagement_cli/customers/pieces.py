"""Rows of the unfinished customer table, as the buckets give them: packed in memory, in a temporary file beyond."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

import polars as pl

from engagement_cli.customers.piece import Piece
from engagement_cli.customers.rows import CustomerRows, packed
from engagement_cli.timeline.spill import SpillFile

ROWS_A_PIECE = 125_000  # two are finished at once


class Pieces:
    """Rows of the same columns that are added one after another, and read again and again in pieces of several.

    A piece has at least `rows` rows but for the last, and packs them when it is whole; `allowed` bytes stay in memory
    (None: all). Several threads may read.
    """

    def __init__(self, rows: int = ROWS_A_PIECE, allowed: int | None = None) -> None:
        self._rows = rows
        self._allowed = allowed
        self._waiting: list[CustomerRows] = []
        self._pieces: list[tuple[int, dict[str, Callable[[], pl.Series]]]] = []
        self._file: SpillFile | None = None

    def add(self, rows: CustomerRows) -> None:
        """Keep rows. Raises `UserError` where the disk takes no more."""
        self._waiting.append(rows)
        if sum(map(len, self._waiting)) >= self._rows:
            self._pack()

    def __iter__(self) -> Iterator[Piece]:
        """The pieces in the order in which their rows were added; one without any, if there are none."""
        if self._waiting:
            self._pack()
        return iter([Piece(height, columns) for height, columns in self._pieces])

    def close(self) -> None:
        """Forget all rows."""
        self._waiting, self._pieces = [], []
        if self._file is not None:
            self._file.close()

    def _pack(self) -> None:
        (narrow, dtypes), self._waiting = packed(self._waiting), []
        if not narrow.height and self._pieces:
            return
        size = int(narrow.estimated_size())
        stays = self._allowed is None or size <= self._allowed
        if self._allowed is not None and stays:
            self._allowed -= size
        columns = {
            column.name: partial(column.cast, dtype) if stays else self._written(column, dtype)
            for column, dtype in zip(narrow.iter_columns(), dtypes, strict=True)
        }
        self._pieces.append((narrow.height, columns))

    def _written(self, column: pl.Series, dtype: pl.DataType) -> Callable[[], pl.Series]:
        """Put a packed column into the file; what reads it back."""
        file = self._file = self._file or SpillFile()
        column.to_frame().write_ipc_stream(stream := BytesIO(), compression="lz4")
        place, size = file.write([stream.getbuffer()]), len(stream.getbuffer())

        def read() -> pl.Series:
            content = BytesIO(file.part(slice(place, place + size)).data)
            return pl.read_ipc_stream(content).to_series().cast(dtype)

        return read
