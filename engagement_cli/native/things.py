"""Things, such as contents, known by 64-bit hashes: numbered as they come, and when each is first seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

_number = function("things_number", np.uint64, int, np.uint32, int, np.uint64, np.int64)
_first = function("things_first", np.int64, np.int64, int, np.int64)


def numbered(things: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The distinct things in the order in which they come, and the number of each value's, from 0. Less than 2³²."""
    rows = len(things)
    bits = max(rows, 1).bit_length() + 1
    distinct, number = np.empty(rows, np.uint64), np.empty(rows, np.int64)
    found = _number(np.ascontiguousarray(things), rows, np.zeros(1 << bits, np.uint32), bits, distinct, number)
    return distinct[:found].copy(), number


def first_seen(number: NDArray[np.int64], time: NDArray[np.int64], things: int) -> NDArray[np.int64]:
    """The least time of each of so many things, of which every row has the `number`; the largest int64 without rows."""
    if len(number) != len(time):
        raise ValueError("expected columns of one length")
    first = np.full(things, np.iinfo(np.int64).max, np.int64)
    _first(number, time, len(number), first)
    return first
