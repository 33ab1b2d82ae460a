"""Which period an instant lies in, given the instants at which the periods begin."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
_index = function("periods_index", np.int64, int, np.int64, int, np.int32)
_coarser = function("periods_coarser", np.int32, int, np.int32, int, np.int32)


def period_index(time: Int64s, bounds: Int64s) -> Int32s:
    """The period i of each instant, where `bounds[i] <= time < bounds[i + 1]`; -1 before the first bound.

    `bounds` rises strictly and has one entry more than there are periods, of which there are less than 2³¹. From the
    last bound on the period is `len(bounds) - 1`.
    """
    period = np.empty(len(time), np.int32)
    _index(np.ascontiguousarray(time), len(time), np.ascontiguousarray(bounds), len(bounds) - 1, period)
    return period


def coarser_periods(period: Int32s, wider: Int32s) -> Int32s:
    """The coarser period of each one, which `wider` says of every fine period. Raises IndexError for one it lacks."""
    found = np.empty(len(period), np.int32)
    if _coarser(np.ascontiguousarray(period), len(period), wider, len(wider), found):
        raise IndexError(f"a period is not among {len(wider)}")
    return found
