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
_number = function("values_number", np.uint32, np.uint32, int, np.uint32)
_get = function("values_get", np.uint8, int, int, np.uint32, np.uint64)


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
    runs: Sequence[tuple[int, Cells]], order: Rows, nothing: NDArray[np.uint64]
) -> tuple[Rows, list[NDArray[np.uint64]]]:
    """Where in an order of all rows those are that have a value, and the columns of their values in this order.

    A column has its `nothing` where there is none. A run is how many of all rows come before its own, and its cells;
    `order` has each row once.
    """
    number, listed = np.zeros(len(order), np.uint32), np.empty(len(order) + 1, np.uint32)
    for before, cells in runs:
        _mark(cells, len(cells) // CELL, before, number)
    count = _number(number, order, len(order), listed)
    columns = [np.full(count, each) for each in nothing]
    addresses = np.array([column.ctypes.data for column in columns], np.uint64)
    for before, cells in runs:
        _get(cells, len(cells) // CELL, before, number, addresses)
    return listed[:count], columns
