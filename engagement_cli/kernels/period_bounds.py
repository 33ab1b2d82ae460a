"""Which period an instant lies in, given the instants at which the periods begin."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Int64s

_LARGEST_TABLE = 1 << 20


def period_index(time: Int64s, bounds: Int64s) -> Int64s:
    """The period i of each instant, where `bounds[i] <= time < bounds[i + 1]`; -1 before the first one.

    `bounds` rises strictly. Equals a binary search, but where the periods are of similar length it is a table look-up:
    a slot narrower than the shortest period holds at most one bound.
    """
    if len(bounds) < 2 or len(time) == 0:
        return np.searchsorted(bounds, time, side="right") - 1
    low, high = int(bounds[0]), int(bounds[-1])
    shift = max(int(np.diff(bounds).min()), 1).bit_length() - 1
    slots = ((high - low) >> shift) + 1
    if slots > min(_LARGEST_TABLE, 4 * len(time)):
        return np.searchsorted(bounds, time, side="right") - 1
    # The period at each slot's first instant; the slot may hold one more bound.
    table = np.searchsorted(bounds, low + (np.arange(slots, dtype=np.int64) << shift), side="right") - 1
    inside = np.clip(time, low, high - 1)
    index: Int64s = table[(inside - low) >> shift]
    index += inside >= bounds[index + 1]
    index[time < low] = -1
    index[time >= high] = len(bounds) - 1
    return index
