"""The order that sorts numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

_order = function("order_of", np.uint64, int, np.uint32)
_of_rows = function("order_of_rows", np.uint64, int, int, np.uint32)
_SIGN = np.uint64(1 << 63)


def order_of_all(*keys: NDArray[np.integer[Any]]) -> NDArray[np.uint32]:
    """The places of rows by the first of some keys, then by the next; equal ones in their order."""
    order = order_of(keys[-1])
    for key in keys[-2::-1]:
        order = order[order_of(key[order])]
    return order


def order_of(keys: NDArray[np.integer[Any]]) -> NDArray[np.uint32]:
    """The places of numbers from the least to the largest, equal ones in their order: many times faster than argsort.

    There are less than 2³² numbers.
    """
    if keys.dtype.kind == "i":  # the negative come first
        wide = np.ascontiguousarray(keys, np.int64).view(np.uint64) ^ _SIGN
    else:
        wide = np.ascontiguousarray(keys, np.uint64)
    order = np.empty(len(wide), np.uint32)
    _order(wide, len(wide), order)
    return order


def order_of_rows(keys: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The places of rows × words from the least row to the largest, equal ones in their order.

    The first word is the most significant. There are less than 2³² rows.
    """
    order = np.empty(len(keys), np.uint32)
    _of_rows(np.ascontiguousarray(keys), keys.shape[1], len(keys), order)
    return order
