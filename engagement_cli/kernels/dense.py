"""Dense numbers for sparse codes."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Int64s

_DIRECT = 1 << 22


def renumber(values: Int64s) -> tuple[Int64s, Int64s, Int64s]:
    """The distinct values, which of them each value is (by number), and one place where each of them stands.

    Values are >= 0. Small ones are renumbered by a table, which is many times faster than sorting them.
    """
    if len(values) == 0:
        return values, values, values
    largest = int(values.max())
    if largest == 0:  # as the groups of everybody are
        return np.zeros(1, np.int64), values, np.array([len(values) - 1])
    if largest >= _DIRECT:
        distinct, example, number = np.unique(values, return_index=True, return_inverse=True)
        return distinct, number.reshape(-1).astype(np.int64), example.astype(np.int64)
    distinct = np.flatnonzero(np.bincount(values))
    table = np.zeros(int(distinct[-1]) + 1, np.int64)
    table[distinct] = np.arange(len(distinct))
    number = table[values]
    example = np.zeros(len(distinct), np.int64)
    example[number] = np.arange(len(values))
    return distinct, number, example
