"""The pages of a row group, unpacked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from io import FileIO

import numpy as np

from engagement_cli.native.parquet import DATA_V2, DICTIONARY, SPARE, Bytes, OtherParquetError, filled, pages
from engagement_cli.sources.parquet.groups import Chunk, Group, read_chunks

_PLAIN = 0
_CODES = (2, 8)  # encodings: PLAIN_DICTIONARY, RLE_DICTIONARY
_UNPACKED = 0
_UNTOLD = -1


class Pages:
    """The pages of a chunk, as `native.parquet.Column` takes them, and its dictionary: so many `distinct` values.

    They lie in memory that has to be held. `counts` has the texts of pages that have these themselves, once they are
    known, and None for others.
    """

    def __init__(self, chunk: Chunk, memory: object) -> None:
        self.chunk, self._memory = chunk, memory
        self.pages: list[list[int]] = []
        self.counts: list[int | None] = []
        self.distinct, self.dictionary = 0, np.empty(0, np.uint8)

    def texts(self) -> list[list[int]]:
        """Address, bytes and number of all texts: of the dictionary, and of each page that has texts themselves."""
        optional = self.chunk.optional
        self.counts = [None if page[2] else filled(page, optional=optional) for page in self.pages]
        pages = zip(self.pages, self.counts, strict=True)
        own = [[*page[5:], count] for page, count in pages if count is not None]
        return [[self.dictionary.ctypes.data, len(self.dictionary), self.distinct], *own]


def pages_of(stream: FileIO, group: Group, start: int, end: int) -> Mapping[str, Pages]:
    """The pages that have rows in `[start, end)`, of each chunk of a row group. Raises `OtherParquetError`."""
    chunks = list(group.chunks.values())
    raw, places = read_chunks(stream, chunks)
    listed = pages(raw, [[place, chunk.size, chunk.values] for place, chunk in zip(places, chunks, strict=True)])
    memory = _Memory(raw, sum(page[3] + SPARE for page in listed))
    found = [Pages(chunk, memory) for chunk in chunks]
    rows = [0] * len(chunks)
    for kind, at, size, whole, count, encoding, levels, packed, which in listed:
        codec = chunks[which].codec if packed else _UNPACKED
        if encoding != _PLAIN and encoding not in _CODES:
            raise OtherParquetError
        if kind == DICTIONARY:
            found[which].distinct, found[which].dictionary = count, memory.array(at, size, whole, codec)
            continue
        first = rows[which]
        rows[which] = first + count
        if first < end and rows[which] > start:
            told = [raw.ctypes.data + at, levels] if kind == DATA_V2 else [0, _UNTOLD]
            data = memory.unpacked(at + levels, size - levels, whole - levels, codec)
            found[which].pages.append([first, count, int(encoding != _PLAIN), *told, *data])
    return dict(zip(group.chunks, found, strict=True))


class _Memory:
    """Bytes as read, and room for what they are unpacked to."""

    def __init__(self, raw: Bytes, room: int) -> None:
        self._raw, self._room, self._taken = raw, np.empty(room, np.uint8), 0
        self._addresses = raw.ctypes.data, self._room.ctypes.data

    def unpacked(self, at: int, size: int, whole: int, codec: int) -> list[int]:
        """Address and bytes of what so many bytes are unpacked to."""
        array, place = self._unpack(at, size, whole, codec)
        return [self._addresses[array is self._room] + place, whole]

    def array(self, at: int, size: int, whole: int, codec: int) -> Bytes:
        """The same as an array."""
        array, place = self._unpack(at, size, whole, codec)
        return array[place : place + whole]

    def _unpack(self, at: int, size: int, whole: int, codec: int) -> tuple[Bytes, int]:
        if codec == _UNPACKED and size != whole:
            raise OtherParquetError
        if codec == _UNPACKED or not whole:
            return self._raw, at
        unpack, failed = _codecs()
        start = self._taken
        if whole < 0 or start + whole + SPARE > len(self._room):
            raise OtherParquetError
        try:
            count = unpack[codec](self._raw[at : at + size], self._room[start : start + whole])
        except (KeyError, failed) as error:
            raise OtherParquetError from error
        if count != whole:
            raise OtherParquetError
        self._taken += whole + SPARE
        return self._room, start


@cache
def _codecs() -> tuple[dict[int, Callable[..., int]], type[Exception]]:
    """By Parquet's number what unpacks bytes into memory, and how that fails; loaded when it is needed."""
    import cramjam

    unpack = {
        1: cramjam.snappy.decompress_raw_into,
        2: cramjam.gzip.decompress_into,
        4: cramjam.brotli.decompress_into,
        6: cramjam.zstd.decompress_into,
        7: cramjam.lz4.decompress_block_into,
    }
    return unpack, cramjam.DecompressionError
