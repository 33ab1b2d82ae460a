"""The columns of a batch of event rows, filled in row group by row group: a word of 8 bytes for each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.parquet import (
    DOUBLES,
    FLOATS,
    INT32S,
    INT64S,
    WORDS,
    Bytes,
    OtherParquetError,
    Words,
    read,
    texts,
    to_ticks,
)
from engagement_cli.native.parquet import Column as Described
from engagement_cli.records import Record
from engagement_cli.sources.parquet.pages import Pages
from engagement_cli.sources.parquet.texts import Asked
from engagement_cli.sources.timestamps import EARLIEST, LATEST
from engagement_cli.timeline.hashing import text_hash
from engagement_cli.timeline.rows import NO_NUMBER

_TEXTS, _INSTANTS = 6, 2  # physical types
_NUMBERS = {1: (INT32S, "<i4"), 2: (INT64S, "<i8"), 4: (FLOATS, "<f4"), 5: (DOUBLES, "<f8")}
_UNITS = {1: (1000, 1), 2: (1, 1), 3: (1, 1000)}  # of instants: the µs of one, and how many are one
_NO_WORDS = np.empty(0, np.uint64)
_NO_INSTANT = -(1 << 63)  # the least number, which is out of range


class Column:
    """What is read of a raw column: the `words` of so many rows; or, if they are listed, of `rows` that have one.

    Texts are asked something, of which the answers are the words. Other columns have numbers, of which the words are
    Float64, if they are listed, and else instants as they are.
    """

    def __init__(self, raw: str, rows: int, spare: int, ask: Asked | None = None, *, listed: bool = False) -> None:
        self.raw, self.ask = raw, ask
        self._words = np.empty(rows + spare * listed, np.uint64)
        self._rows = np.empty(rows + spare, np.uint32) if listed else None
        self._found = 0

    @property
    def words(self) -> Words:
        """What was found."""
        return self._words if self._rows is None else self._words[: self._found]

    @property
    def rows(self) -> NDArray[np.uint32]:
        """The rows that have a word."""
        return np.empty(0, np.uint32) if self._rows is None else self._rows[: self._found]

    def read(self, pages: Pages, answers: Words) -> Described:
        """How it is read from pages, whose texts have these answers.

        Raises `OtherParquetError` for pages of another type.
        """
        if self.ask is not None:
            given, nothing = WORDS, self.ask.nothing
            table, listed = answers[: pages.distinct], _with_answers(pages, answers)
        else:
            given, table = _numbers_in(pages) if self._rows is not None else _instants_in(pages)
            nothing, listed = _NO_INSTANT, pages.pages
        return Described(given, pages.chunk.optional, listed, table, self._words, nothing, self._rows, self._found)

    def add(self, found: int) -> None:
        """So many rows of them were found in all."""
        self._found = found


class Part(Record):
    """The pages of a row group by column, of which the rows in `[start, end)` are wanted, behind so many others."""

    pages: Mapping[str, Pages]
    start: int
    end: int
    before: int


def read_parts(columns: Sequence[Column], parts: Sequence[Part]) -> None:
    """Read the rows of parts into columns. Raises `OtherParquetError`."""
    asked = {column: column.ask for column in columns if column.ask is not None}
    answers = _answers(asked, parts)
    for place, part in enumerate(parts):
        described = [
            column.read(part.pages[column.raw], answers[column][place] if column in asked else _NO_WORDS)
            for column in columns
        ]
        found = read(described, part.start, part.end, part.before)
        for column, count in zip(columns, found, strict=True):
            column.add(count)


def _answers(asked: Mapping[Column, Asked], parts: Sequence[Part]) -> dict[Column, list[Words]]:
    """What is said of the texts of each part, for each column: of those of all parts at once."""
    raws = list(dict.fromkeys(column.raw for column in asked))
    pages = [part.pages[raw] for raw in raws for part in parts]
    if any(each.chunk.physical != _TEXTS for each in pages):
        raise OtherParquetError
    told = [each.texts() for each in pages]
    found = texts([text for each in told for text in each])
    hashes = text_hash(found).to_numpy()
    ends = [0, *accumulate(sum(count for *_, count in each) for each in told)]
    answers = {}
    for column, ask in asked.items():
        first = raws.index(column.raw) * len(parts)
        bounds = ends[first : first + len(parts) + 1]
        start, end = bounds[0], bounds[-1]
        whole = ask(found[start:end], hashes[start:end])
        answers[column] = [whole[one - start : next_one - start] for one, next_one in pairwise(bounds)]
    return answers


def _with_answers(pages: Pages, answers: Words) -> list[list[int]]:
    """The pages, of which those with texts themselves have the answers instead: behind those of the dictionary."""
    listed, at = [], pages.distinct
    for (*told, data, size), count in zip(pages.pages, pages.counts, strict=True):
        place = [data, size] if count is None else [answers.ctypes.data + 8 * at, 8 * count]
        listed.append([*told, *place])
        at += count or 0
    return listed


def _numbers_in(pages: Pages) -> tuple[int, Words]:
    """How numbers lie in pages, and those of the dictionary as Float64."""
    if pages.chunk.physical not in _NUMBERS:
        raise OtherParquetError
    given, dtype = _NUMBERS[pages.chunk.physical]
    with np.errstate(invalid="ignore"):  # NaN that signals
        return given, _dictionary(pages, dtype).astype(np.float64).view(np.uint64)


def _instants_in(pages: Pages) -> tuple[int, Words]:
    if pages.chunk.physical != _INSTANTS:
        raise OtherParquetError
    return WORDS, _dictionary(pages, "<u8").astype(np.uint64)


def _dictionary(pages: Pages, dtype: str) -> NDArray[Any]:
    try:
        return np.frombuffer(pages.dictionary, dtype, pages.distinct)
    except ValueError:  # too few bytes
        raise OtherParquetError from None


def to_micros(instants: NDArray[np.int64], unit: int, fates: Bytes) -> None:
    """Instants in a unit of Parquet's become microseconds since 1970, with a fate of `USED`; or `NO_NUMBER`, with
    `UNPARSEABLE`, where there is none, or it is out of range or finer. Raises `OtherParquetError`."""
    if unit not in _UNITS:
        raise OtherParquetError
    times, per = _UNITS[unit]
    to_ticks(instants, (EARLIEST * per // times, LATEST * per // times), times, per, NO_NUMBER, fates)
