"""Funnels in which other events may lie between the steps, and rows less others that equal them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

MOST_STEPS = 30
_sequential = function(
    "funnel_sequential",
    *(np.uint32, np.int64, np.uint32, int, int, int, int, np.int64, int),
    *(np.int64, np.int32, np.int8, np.int64),
)
_without = function(
    "funnel_without", np.uint32, np.int64, np.uint32, int, np.uint32, np.int64, np.uint32, int, np.bool_
)
Keys = tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.uint32]]


def sequential(
    entity: NDArray[np.uint32],
    time: NDArray[np.int64],
    mask: NDArray[np.uint32],
    steps: int,
    window: int,
    bounds: NDArray[np.int64],
    *,
    first_only: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int8], NDArray[np.int64]]:
    """Each entity's counted attempt of every period `[bounds[i], bounds[i + 1])` in which it enters at step 1.

    Rows are sorted by (entity, time), bit i of `mask` says that a row matches step i + 1; there are 1 to `MOST_STEPS`.
    One row fills one step, rows of equal time count in either order, all steps lie within `window` ticks of the entry.
    The deepest attempt counts, the earliest of equals, or with `first_only` the first.

    Gives, by entity and period: the first row of the entry's time that matches step 1, the period, the steps reached,
    and the time of each, shape (steps, attempts), the largest int64 where it is not reached.
    """
    if not 1 <= steps <= MOST_STEPS or not len(time) == len(mask) == len(entity):
        raise ValueError(f"expected 1 to {MOST_STEPS} steps and columns of one length, got {steps} steps")
    rows = len(time)
    entry, period, depth = np.empty(rows, np.int64), np.empty(rows, np.int32), np.empty(rows, np.int8)
    times = np.empty((rows, steps), np.int64)
    asked = (steps, min(window, 2**64 - 1), int(first_only), bounds, max(len(bounds) - 1, 0))
    found = 0 if len(bounds) < 2 else _sequential(entity, time, mask, rows, *asked, entry, period, depth, times)
    return entry[:found].copy(), period[:found].copy(), depth[:found].copy(), times[:found].T.copy()


def without(rows: Keys, others: Keys) -> NDArray[np.bool_]:
    """Which rows are kept when one equal row is taken out for each of the others, all of which are among them.

    Both are (customer, time, kind), sorted by these.
    """
    keep = np.empty(len(rows[1]), np.bool_)
    _without(*rows, len(rows[1]), *others, len(others[1]), keep)
    return keep
