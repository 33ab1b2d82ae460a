"""When things, such as contents, are first seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

_first = function("things_first", np.uint32, np.int64, int, np.int64)


def first_seen(number: NDArray[np.uint32], time: NDArray[np.int64], things: int) -> NDArray[np.int64]:
    """The least time of each of so many things, of which every row has the `number`; the largest int64 without rows."""
    if len(number) != len(time):
        raise ValueError("expected columns of one length")
    first = np.full(things, np.iinfo(np.int64).max, np.int64)
    _first(number, time, len(number), first)
    return first
