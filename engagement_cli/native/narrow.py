"""Whole numbers in as few bytes as hold them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.native.rows import Positions

_numbers = function("narrow_numbers", np.int64, np.uint32, int, int, np.uint64)
_DTYPES = {1: np.int8, 2: np.int16, 4: np.int32, 8: np.int64}
_ALL = np.zeros(0, np.uint32)


def narrowed(
    values: NDArray[np.int64], at: Positions | None, room: NDArray[np.uint64]
) -> NDArray[np.signedinteger[Any]]:
    """Numbers of all rows, or of those at some positions, all of which there are; `room` is worked in.

    The least number of a dtype stands for a missing one, before and after.
    """
    rows = len(values) if at is None else len(at)
    if len(room) < rows:
        raise ValueError(f"room for {len(room)} of {rows} numbers")
    width = _numbers(np.ascontiguousarray(values), _ALL if at is None else at, int(at is None), rows, room)
    return room.view(_DTYPES[width])[:rows].copy()
