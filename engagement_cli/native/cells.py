"""Sums by cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

_TOO_LARGE = -1
_sum = function("cells_sum", np.int64, np.int64, int, np.int64)


def sums_by_cell(cell: NDArray[np.int64], values: NDArray[np.int64], cells: int) -> NDArray[np.int64] | None:
    """The sum of the rows' values in each of the cells, from 0; None where a sum does not fit 64 bits on the way."""
    if len(values) != len(cell):
        raise ValueError("expected columns of one length")
    sums = np.zeros(cells, np.int64)
    return None if _sum(cell, values, len(cell), sums) == _TOO_LARGE else sums
