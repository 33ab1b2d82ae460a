"""The values that some rows have, as cells that lie bucket by bucket: the row's place, the column, the value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.native.partition import Buckets, Counts, Rows

Cells = NDArray[np.uint8]
CELL = 14  # bytes
_put = function("values_put", np.uint64, int, np.uint32, int, np.uint16, np.uint32, np.int64, np.int64, np.uint8)
_mark = function("values_mark", np.uint8, int, int, np.uint32)
_number = function("values_number", np.uint32, int, np.uint32)
_get = function("values_get", np.uint8, int, int, np.uint32, int, np.uint64)


def put(
    value: NDArray[np.uint64],
    column: int,
    row: Rows,
    bucket: Buckets,
    place: NDArray[np.uint32],
    starts: Counts,
    seen: Counts,
    cells: Cells,
) -> None:
    """Put the values of some rows in a column (below 65,536) behind the `seen` cells of their buckets.

    A bucket's first byte is at `starts`; `place` has each row's place among the rows of its bucket.
    """
    _put(value, column, row, len(row), bucket, place, starts, seen, cells)


def dense(
    runs: Sequence[tuple[int, Cells]], rows: int, nothing: NDArray[np.uint64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """The rows that have a value, in rising order, and their values: one line a column, its `nothing` where none is.

    A run is how many of all `rows` come before its own, and its cells.
    """
    number, listed = np.zeros(rows, np.uint32), np.empty(rows + 1, np.uint32)
    for before, cells in runs:
        _mark(cells, len(cells) // CELL, before, number)
    count = _number(number, rows, listed)
    columns = np.empty((len(nothing), count), np.uint64)
    columns[:] = nothing[:, np.newaxis]
    for before, cells in runs:
        _get(cells, len(cells) // CELL, before, number, count, columns)
    return listed[:count], columns
