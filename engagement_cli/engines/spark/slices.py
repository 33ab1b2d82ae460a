"""The files of an export as slices of about equal size, one a task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from engagement_cli.records import replace
from engagement_cli.sources.headers import Header

_CSV_BYTES_A_ROW = 60
Slice = tuple[Header, ...]


def cut(headers: Sequence[Header], rows_a_task: int) -> list[Slice]:
    """Slices of about `rows_a_task` rows: several small files, one file, or some row groups of a large Parquet file.

    A CSV file is never cut, as only reading it from the start tells where a row with a quoted line break ends.
    """
    slices: list[Slice] = []
    waiting: list[Header] = []
    size = 0
    for header, rows in chain.from_iterable(_pieces(whole, rows_a_task) for whole in headers):
        if waiting and size + rows > rows_a_task:
            slices.append(tuple(waiting))
            waiting, size = [], 0
        waiting.append(header)
        size += rows
    return [*slices, tuple(waiting)] if waiting else slices


def _pieces(header: Header, rows_a_task: int) -> Iterator[tuple[Header, int]]:
    if header.rows is None:
        yield header, header.file.stat().st_size // _CSV_BYTES_A_ROW
        return
    if header.rows <= rows_a_task:
        yield header, header.rows
        return
    start = rows = 0
    for group in _row_groups(header):
        if rows and rows + group > rows_a_task:
            yield replace(header, only=(start, rows)), rows
            start, rows = start + rows, 0
        rows += group
    yield replace(header, only=(start, rows)), rows


def _row_groups(header: Header) -> list[int]:
    """Rows of each row group of a Parquet file; only whole ones are read without reading more than is asked for."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(header.file) as file:
        return [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
