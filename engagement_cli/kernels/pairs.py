"""Search in pairs sorted by (major, minor), such as (customer, time): exact, whatever the range of the times.

Both parts are packed into one int64 where they fit. A packed key that overflows would be wrong in silence, so the
range is checked first, and pairs that do not fit are searched by halving each major's own rows.
"""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import LARGEST, Int64s, Integers
from engagement_cli.records import Record


class PairIndex(Record):
    """Pairs prepared for `positions`: `packed` is None where they do not fit into 63 bits."""

    major: Integers
    minor: Int64s
    packed: Int64s | None
    lowest: int
    span: int


def index_pairs(major: Integers, minor: Int64s, majors: int) -> PairIndex:
    """Prepare pairs sorted by (major, minor) for searching; majors, also those asked for, lie in `0 .. majors - 1`."""
    if len(minor) == 0:
        return PairIndex(major, minor, np.zeros(0, np.int64), 0, 1)
    lowest, highest = int(minor.min()), int(minor.max())
    span = highest - lowest + 2
    if majors * span > LARGEST or highest == LARGEST:
        return PairIndex(major, minor, None, lowest, span)
    packed = major.astype(np.int64)
    packed *= span
    packed += minor - lowest
    return PairIndex(major, minor, packed, lowest, span)


def positions(index: PairIndex, major: Integers, minor: Int64s) -> Int64s:
    """For each pair asked for, how many of the indexed pairs come before it (int64, 0 .. len)."""
    if index.packed is None:
        return _by_halving(index, major, minor)
    if len(index.packed) == 0:
        return np.zeros(len(minor), np.int64)
    return np.searchsorted(index.packed, _pack(index, major, minor))


def _pack(index: PairIndex, major: Integers, minor: Int64s) -> Int64s:
    asked: Int64s = np.clip(minor, index.lowest, index.lowest + index.span - 1)
    asked -= index.lowest
    asked += major.astype(np.int64) * index.span
    return asked


def _by_halving(index: PairIndex, major: Integers, minor: Int64s) -> Int64s:
    low = np.searchsorted(index.major, major, side="left")
    high = np.searchsorted(index.major, major, side="right")
    live = np.flatnonzero(low < high)
    while len(live):
        middle = (low[live] + high[live]) >> 1
        before = index.minor[middle] < minor[live]
        low[live[before]] = middle[before] + 1
        high[live[~before]] = middle[~before]
        live = live[low[live] < high[live]]
    return low
