"""Who joins, stays and leaves from bound to bound, and with what money: summed by group and period in 128 bits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Int64s = NDArray[np.int64]
Words = NDArray[np.uint64]

# Customers, then money, then what their moments take: x, x² and x · start of what is kept (nrr), kept at most at the
# price of the start (grr) and lost, with the squares of start and end and those who pay something at the start.
FIELDS = (
    *("start", "kept", "end", "moved"),
    *("money_start", "new", "reactivation", "expansion", "contraction", "churn", "money_moved", "money_end"),
    *("paying", "start_squared", "end_squared"),
    *("nrr", "nrr_squared", "nrr_start", "grr", "grr_squared", "grr_start", "lost", "lost_squared", "lost_start"),
)
_MOST_CELLS = 1 << 16  # summed at a time: some 25 MB
_sum = function(
    "movements_sum",
    *(np.int64, int, np.int64, np.int64, np.int64, np.int64, int, np.int64, int, int, int, np.uint64),
)


def movements(
    stretches: tuple[Int64s, Int64s, Int64s, Int64s], bounds: Int64s, group: Int64s | None, groups: int
) -> Iterator[tuple[Int64s, Int64s, Words]]:
    """Sums over customers by group and period, of cells in which a customer is there at the start or at the end.

    `stretches`: first, begins, ends and mrr of stretches `[begins, ends)`; those of customer c are `first[c]` to
    `first[c + 1]`, with begins < ends. Period i is from `bounds[i]` to `bounds[i + 1]`. `group` (customers × bounds) is
    below `groups`; None: everybody is in group 0. Gives, for some groups at a time, group and period of each cell, and
    the sums as `(cells, len(FIELDS), 2)` with the low and the high half of 128 bits.
    """
    first, begins, ends, mrr = (np.ascontiguousarray(column, np.int64) for column in stretches)
    customers, periods = len(first) - 1, len(bounds) - 1
    if int(first[0]) or int(first[-1]) != len(begins) or (np.diff(first) < 0).any() or periods < 0:
        raise ValueError("`first` does not divide the stretches, or there are no bounds")
    if not len(begins) == len(ends) == len(mrr) or (group is not None and group.shape != (customers, periods + 1)):
        raise ValueError("columns of another length")
    table = np.zeros((0, 0), np.int64) if group is None else np.ascontiguousarray(group, np.int64)
    at_a_time = max(_MOST_CELLS // (periods + 1), 1)
    for low in range(0, groups, at_a_time):
        sums = np.zeros((min(at_a_time, groups - low), periods + 1, len(FIELDS), 2), np.uint64)
        edges = np.ascontiguousarray(bounds, np.int64)
        there = (customers, begins, ends, mrr, edges, periods, table, int(group is not None), low, len(sums), sums)
        _sum(first, *there)
        found = sums[:, :periods, FIELDS.index("start"), 0] | sums[:, :periods, FIELDS.index("end"), 0]
        which, period = np.nonzero(found)
        yield which + low, period, sums[which, period]
