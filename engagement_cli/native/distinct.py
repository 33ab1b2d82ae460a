"""Distinct things in runs of rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

_in_runs = function("distinct_in_runs", np.uint64, int, np.int64, int, np.int64)


def distinct_in_runs(things: NDArray[np.uint64], starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many distinct things each run of rows has; runs begin at the rows `starts`, the first at row 0."""
    counts = np.empty(len(starts), np.int64)
    _in_runs(things.copy(), len(things), starts, len(starts), counts)
    return counts
