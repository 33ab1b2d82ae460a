"""Rows of the unfinished customer table, as the buckets give them: packed in memory, in a temporary file beyond."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import polars as pl

from engagement_cli.records import Record
from engagement_cli.timeline.packing import packed, unpacked
from engagement_cli.timeline.spill import SpillFile

ROWS_A_PIECE = 250_000


class _Written(Record):
    """A packed frame in the file."""

    place: int
    size: int
    rows: int


class Pieces:
    """Frames of one schema that are added one after another, and read again and again in pieces of several.

    A piece has about `rows` rows, at least one frame; `allowed` bytes of frames stay in memory (None: all).
    """

    def __init__(self, rows: int = ROWS_A_PIECE, allowed: int | None = None) -> None:
        self._rows = rows
        self._allowed = allowed
        self._bytes = 0
        self._schema = pl.Schema()
        self._frames: list[pl.DataFrame | _Written] = []
        self._file: SpillFile | None = None
        self._whole: pl.DataFrame | None = None  # where one piece is all

    def __len__(self) -> int:
        """How many rows there are."""
        return sum(_height(frame) for frame in self._frames)

    def add(self, frame: pl.DataFrame) -> None:
        """Keep a frame. Raises `UserError` where the disk takes no more."""
        self._schema, self._whole = frame.schema, None
        narrow = packed(frame)
        self._bytes += (size := int(narrow.estimated_size()))
        if self._allowed is None or self._bytes <= self._allowed:
            self._frames.append(narrow)
            return
        self._bytes -= size
        self._frames.append(self._written(narrow))

    def __iter__(self) -> Iterator[pl.DataFrame]:
        """The pieces in the order in which their frames were added."""
        if self._whole is not None:
            yield self._whole
            return
        waiting: list[pl.DataFrame | _Written] = []
        done = 0
        for frame in self._frames:
            waiting.append(frame)
            done += 1
            if sum(map(_height, waiting)) >= self._rows and done < len(self._frames):
                yield self._together(waiting)
                waiting = []
        piece = self._together(waiting)
        if done == len(waiting):
            self._whole = piece
        yield piece

    def close(self) -> None:
        """Forget all frames."""
        self._frames, self._whole = [], None
        if self._file is not None:
            self._file.close()

    def _together(self, frames: list[pl.DataFrame | _Written]) -> pl.DataFrame:
        each = [unpacked(self._read(frame), self._schema) for frame in frames]
        return pl.concat(each, rechunk=True) if each else pl.DataFrame(schema=self._schema)

    def _written(self, frame: pl.DataFrame) -> _Written:
        if self._file is None:
            self._file = SpillFile()
        frame.write_ipc_stream(stream := BytesIO(), compression="lz4")
        content = stream.getbuffer()
        return _Written(self._file.write([content]), len(content), frame.height)

    def _read(self, frame: pl.DataFrame | _Written) -> pl.DataFrame:
        if isinstance(frame, pl.DataFrame):
            return frame
        if self._file is None:
            raise ValueError("nothing was written")
        self._file.read(frame.place, [memoryview(content := bytearray(frame.size))])
        return pl.read_ipc_stream(BytesIO(content))


def _height(frame: pl.DataFrame | _Written) -> int:
    return frame.height if isinstance(frame, pl.DataFrame) else frame.rows
