"""Parquet: what a file says of itself, and what its pages hold once they are unpacked.

https://github.com/apache/parquet-format. Only the plain kind is read: flat columns, values as they are or in a
dictionary. For everything else, and for what is not as it should be, there is an `OtherParquetError`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from engagement_cli.native.arrow import handed_over, no_cells
from engagement_cli.native.library import function
from engagement_cli.records import Record

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]  # values of 8 bytes, whatever they mean
DICTIONARY, DATA_V2 = 2, 3  # kinds of pages
WORDS, INT64S, DOUBLES, INT32S, FLOATS = range(5)  # how values lie in pages; all but words become Float64
SPARE = 8  # bytes that memory has behind the data of a page
_GROUPS = 64  # for which there is room at first
_PAGES = 64
_footer = function("parquet_footer", np.uint8, int, int, int, np.int64, np.int64, np.int64, np.int64)
_pages = function("parquet_pages", np.uint8, np.int64, int, int, np.int64)
_read = function("parquet_read", np.int64, int, np.int64, int, int, int)
_filled = function("parquet_filled", np.int64, int)
_instants = function("parquet_instants", np.int64, int, int, int, int, int, int, np.uint8)
_missing = function("parquet_missing", np.uint64, int, np.uint64, np.uint8)
_texts = function("parquet_texts", np.int64, int, int)


class OtherParquetError(Exception):
    """A file that is damaged, or not of the kind that is read here."""


class Footer(Record):
    """A file's columns and row groups.

    `columns`: of each the physical type, the repetition, where its name begins and how long it is, and the unit of
    instants (1 ms, 2 µs, 3 ns, -1 for others); `rows` by row group; `chunks` by row group and column: physical type,
    codec, values, first byte and bytes.
    """

    columns: NDArray[np.int64]
    rows: NDArray[np.int64]
    chunks: NDArray[np.int64]


def footer(data: Bytes, columns: int) -> Footer:
    """The description of a file of so many columns."""
    most = _GROUPS
    while True:
        described, rows = np.empty((columns, 5), np.int64), np.empty(most, np.int64)
        chunks, spare = np.empty((most, columns, 5), np.int64), np.empty((columns, 5), np.int64)
        groups = _well(_footer(data, len(data), columns, most, described, rows, chunks, spare))
        if groups <= most:
            return Footer(described, rows[:groups], chunks[:groups])
        most = groups


def pages(data: Bytes, chunks: Sequence[Sequence[int]]) -> list[list[int]]:
    """The pages of some chunks, of each of which the first byte, the bytes and the values are given.

    Of each page: kind, first byte of its data, bytes of these and bytes unpacked, values, encoding, bytes of levels
    before packed ones (version 2), whether there are packed ones, and the place of its chunk.
    """
    given, most = np.array(chunks, np.int64), _PAGES
    while True:
        found = np.empty((most, 9), np.int64)
        count = _well(_pages(data, given, len(given), most, found))
        if count <= most:
            listed: list[list[int]] = found[:count].tolist()
            return listed
        most = count


class Column(Record):
    """What is read of a column.

    `pages`: of each the first row in the row group, rows, whether values are codes of those in the table, address and
    bytes of its levels (-1: they lie before the data, and say how many they are), address and bytes of the data.
    `words` gets one for each row, `nothing` where there is no value; or, where there are `rows`, behind the `found`
    ones of before, those of rows with a value, which are listed. Words have room for one page more than is wanted.
    """

    format: int
    optional: bool
    pages: list[list[int]]
    table: Words
    words: Words
    nothing: int = 0
    rows: NDArray[np.uint32] | None = None
    found: int = 0

    def described(self) -> list[int]:
        """The numbers that say so."""
        rows = 0 if self.rows is None else self.rows.ctypes.data
        table = self.table.ctypes.data, len(self.table)
        return [
            self.format,
            self.optional,
            len(self.pages),
            *table,
            self.nothing,
            self.words.ctypes.data,
            rows,
            self.found,
        ]


def read(columns: Sequence[Column], start: int, end: int, before: int) -> list[int]:
    """Read the rows in `[start, end)` of a row group, `before` which others were read; gives what each has found."""
    given = np.array([column.described() for column in columns], np.int64)
    listed = np.array([page for column in columns for page in column.pages], np.int64)
    _well(_read(given, len(given), listed, start, end, before))
    found: list[int] = given[:, -1].tolist()
    return found


def filled(page: list[int], *, optional: bool) -> int:
    """How many of a page's rows have a value; after it the page knows where its levels are."""
    given = np.array(page, np.int64)
    found = _well(_filled(given, int(optional)))
    page[:] = given.tolist()
    return found


def to_ticks(
    numbers: NDArray[np.int64], between: tuple[int, int], times: int, per: int, none: int, fate: Bytes
) -> None:
    """Numbers in `[low, high)` times `times`, or divided by `per` where nothing is left, with a fate of 0; others
    become `none`, with a fate of 1."""
    _instants(numbers, len(numbers), *between, times, per, none, fate)


def mark_missing(values: Words, nothing: Words, fate: Bytes) -> None:
    """Set the fate to 1 where the value is one of the three that mean nothing."""
    _missing(values, len(values), nothing, fate)


def texts(parts: Sequence[Sequence[int]]) -> pl.Series:
    """All texts, each behind its length, of some parts: the address, the bytes, and how many there are."""
    array = no_cells()
    _well(_texts(np.array(parts, np.int64).reshape(-1, 3), len(parts), ctypes.addressof(array)))
    try:
        return handed_over(array, b"Z").cast(pl.String)
    except PolarsError:
        raise OtherParquetError from None


def _well(found: int) -> int:
    if found < 0:
        raise OtherParquetError
    return found
