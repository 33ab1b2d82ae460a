"""The row groups of a Parquet file, and where in the file each column's part of them lies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from io import FileIO
from itertools import accumulate

import numpy as np

from engagement_cli.native.parquet import SPARE, Bytes, OtherParquetError, footer
from engagement_cli.records import Record
from engagement_cli.sources.headers import Header

_OPTIONAL = 1
_END = 8  # bytes behind the footer: its length, and four letters


class Chunk(Record):
    """One column's part of a row group: so many values, of a physical type, packed by a codec, in bytes from `start`.

    `unit` is that of instants (1 ms, 2 µs, 3 ns).
    """

    physical: int
    unit: int
    optional: bool
    codec: int
    values: int
    start: int
    size: int


class Group(Record):
    """So many rows, and the chunks of some columns by name."""

    rows: int
    chunks: Mapping[str, Chunk]


def groups_of(header: Header, names: Collection[str]) -> list[Group]:
    """The row groups of a file, with the named columns. Raises `OtherParquetError` and `OSError`."""
    length = header.footer or 0
    with header.file.open("rb", buffering=0) as stream:
        start = stream.seek(-length - _END, 2)
        data = np.empty(length, np.uint8)
        _read_into(stream, start, data)
    found = footer(data, len(header.columns))
    columns = found.columns.tolist()
    for name, (_, repetition, at, size, _) in zip(header.names, columns, strict=True):
        if data[at : at + size].tobytes() != name.encode() or not 0 <= repetition <= _OPTIONAL:
            raise OtherParquetError
    places = [(name, place) for place, name in enumerate(header.names) if name in names]
    groups = []
    for rows, chunks in zip(found.rows.tolist(), found.chunks.tolist(), strict=True):
        here = {}
        for name, place in places:
            physical, codec, values, first, size = chunks[place]
            kind, repetition, _, _, unit = columns[place]
            if physical != kind or values != rows or first < 0 or not 0 <= size <= start - first:
                raise OtherParquetError
            here[name] = Chunk(physical, unit, repetition == _OPTIONAL, codec, values, first, size)
        groups.append(Group(rows, here))
    if sum(group.rows for group in groups) != header.rows:
        raise OtherParquetError
    return groups


def read_chunks(stream: FileIO, chunks: Sequence[Chunk]) -> tuple[Bytes, list[int]]:
    """The bytes of chunks, and where each begins; there are `SPARE` ones behind each."""
    places = [0, *accumulate(chunk.size + SPARE for chunk in chunks)]
    memory = np.empty(places.pop(), np.uint8)
    for place, chunk in zip(places, chunks, strict=True):
        _read_into(stream, chunk.start, memory[place : place + chunk.size])
    return memory, places


def _read_into(stream: FileIO, start: int, memory: Bytes) -> None:
    stream.seek(start)
    if stream.readinto(memory.data) != len(memory):
        raise OtherParquetError
