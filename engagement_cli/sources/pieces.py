"""Large exports in pieces that are read one by one, so that a piece, not the reader's appetite, decides on memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engagement_cli.records import replace
from engagement_cli.sources.export import Exports
from engagement_cli.sources.headers import Header

_BYTES_A_CHUNK = 120  # that a footer holds, more or less, on one column of one row group
_COARSE = 4  # times a piece: reading a part of a row group unpacks all of it
_GROUP = 1 << 17  # rows in which most writers' groups can be counted: what begins and ends so cuts none of them


def in_pieces(exports: Exports, source: str, rows: int) -> list[Exports] | None:
    """The exports with one piece after another as the source's only rows; None where it cannot be cut.

    A piece has about so many rows: some whole Parquet files, or a part of one. CSV is read from its beginning only, and
    a row group is unpacked as a whole: files of few, much larger ones are not cut.
    """
    export = exports.sources[source]
    if any(header.rows is None or _coarse(header, rows) for header in export.headers):
        return None
    return [
        replace(exports, sources={**exports.sources, source: replace(export, headers=headers)})
        for headers in _pieces(export.headers, rows)
    ]


def _coarse(header: Header, rows: int) -> bool:
    groups = max((header.footer or 0) // (_BYTES_A_CHUNK * len(header.columns)), 1)
    return (header.rows or 0) > groups * rows * _COARSE


def _pieces(headers: tuple[Header, ...], rows: int) -> Iterator[tuple[Header, ...]]:
    together: list[Header] = []
    for header in headers:
        first, size = header.meant
        if together and sum(h.meant[1] for h in together) + size > rows:
            yield tuple(together)
            together = []
        if size <= rows:
            together.append(header)
            continue
        bounds = _bounds(first, first + size, rows)
        yield from ((replace(header, only=(start, end - start)),) for start, end in pairwise(bounds))
    if together:
        yield tuple(together)


def _bounds(first: int, end: int, rows: int) -> list[int]:
    """Where pieces of at most so many rows begin, and where the last ends: even, and of whole groups if they can be."""
    step = _GROUP if rows >= _GROUP else 1
    start, steps = first // step, -(-end // step) - first // step
    parts = -(-steps // (rows // step))
    return [first, *((start + steps * i // parts) * step for i in range(1, parts)), end]
