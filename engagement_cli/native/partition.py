"""Rows spread over buckets: counted, then every column moved once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Column = NDArray[np.uint64] | NDArray[np.int64] | NDArray[np.uint32]
_places = function("partition_places", np.uint16, int, np.int64, int, np.uint32)
_move = {
    8: function("partition_move8", np.uint64, np.uint32, int, np.uint64),
    4: function("partition_move4", np.uint32, np.uint32, int, np.uint32),
}


def partition(
    bucket: NDArray[np.uint16], buckets: int, columns: Sequence[NDArray[np.generic]]
) -> tuple[NDArray[np.int64], list[NDArray[np.generic]]]:
    """Where each bucket's rows end, and the columns (of 4 or 8 bytes a value) with the rows of a bucket together.

    Rows of a bucket stay in their order. There are less than 2³² rows.
    """
    rows = len(bucket)
    ends, place = np.zeros(buckets, np.int64), np.empty(rows, np.uint32)
    _places(bucket, rows, ends, buckets, place)
    return ends, [_moved(column, place) for column in columns]


def _moved(column: NDArray[np.generic], place: NDArray[np.uint32]) -> NDArray[np.generic]:
    whole = np.ascontiguousarray(column)
    moved = np.empty_like(whole)
    word = np.uint64 if whole.itemsize == 8 else np.uint32
    _move[whole.itemsize](whole.view(word), place, len(whole), moved.view(word))
    return moved
