"""What is learned of event rows while they are read."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Ticks = NDArray[np.int64]
Fates = NDArray[np.uint8]
_fixed_point = function("reading_fixed_point", np.float64, int, int, int, np.int64)
_span = function("reading_span", np.int64, np.uint8, int, np.int64)
_periods = function("reading_periods", np.int64, np.uint8, int, int, int, np.uint8)
_INT64 = np.iinfo(np.int64)


def fixed_point(numbers: NDArray[np.float64], limit: int, none: int) -> NDArray[np.int64]:
    """Numbers × 10⁶, rounded half to even; `none` for NaN and for what is not below `limit` in size."""
    fixed = np.empty(len(numbers), np.int64)
    _fixed_point(np.ascontiguousarray(numbers), len(numbers), limit, none, fixed)
    return fixed


def span(time: Ticks, fates: Fates) -> tuple[int, int] | None:
    """The first and last instant of the rows whose fate is 0; None where there is none."""
    found = np.array([_INT64.max, _INT64.min])
    _span(np.ascontiguousarray(time), np.ascontiguousarray(fates), len(time), found)
    first, last = found.tolist()
    return None if first > last else (first, last)


def mark_periods(time: Ticks, fates: Fates, first: int, width: int, seen: NDArray[np.bool_]) -> None:
    """Mark the periods of `width` ticks since 1970 that instants of rows whose fate is 0 lie in, from the `first` on.

    All of them lie in the periods that `seen` has room for.
    """
    whole = np.ascontiguousarray(time)
    _periods(whole, np.ascontiguousarray(fates), len(time), first * width, width, seen.view(np.uint8))
