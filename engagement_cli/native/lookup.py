"""Places of numbers in any order among rising ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Int64s = NDArray[np.int64]
_places = function("lookup_places", np.int64, int, np.int64, int, np.int64)


def doubled_places(rising: Int64s, asked: Int64s) -> Int64s:
    """Twice the number of rising, distinct ones that are below each number asked for, and one more if it is among them.

    A table leads to the place, many times faster than `np.searchsorted` where numbers are spread evenly.
    """
    found = np.empty(len(asked), np.int64)
    _places(np.ascontiguousarray(rising), len(rising), np.ascontiguousarray(asked), len(asked), found)
    return found
