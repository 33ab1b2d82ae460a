"""The array types that the kernels speak of, and the one sum that must not wrap round."""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.integer[Any]]
Int64s: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]

Whole: TypeAlias = "Integers | NDArray[np.object_]"  # objects: Python's integers, where int64 does not hold them

LARGEST = int(np.iinfo(np.int64).max)


def same(number: int, rows: int) -> Int64s:
    """One number on all rows: a view of stride 0, which costs no memory and cannot be written to."""
    return np.ndarray((rows,), np.int64, number.to_bytes(8, sys.byteorder, signed=True), strides=(0,))


def saturating_add(times: Int64s, amount: int) -> Int64s:
    """`times + amount` for an `amount` >= 0; stays at the largest int64 instead of wrapping round."""
    amount = min(amount, LARGEST)
    return np.asarray(np.minimum(times, LARGEST - amount) + amount, np.int64)


def elapsed_at_most(later: Int64s, earlier: Int64s, limit: int) -> Flags:
    """Is `later - earlier <= limit`, where `later >= earlier`? Exact for every pair of int64, however far apart."""
    difference = (later - earlier).view(np.uint64)
    return np.asarray(difference <= np.uint64(min(limit, 2**64 - 1)), np.bool_)


def from_words(low: NDArray[np.uint64], high: NDArray[np.int64]) -> Whole:
    """Whole numbers of 128 bits from their halves."""
    narrow = low.view(np.int64)
    if (narrow >> 63 == high).all():
        return narrow
    return np.asarray(high.astype(object) * 2**64 + low.astype(object))


def each_from_words(low: NDArray[np.uint64], high: NDArray[np.int64]) -> list[Whole]:
    """Columns of whole numbers of 128 bits, one a row of their halves."""
    narrow = low.view(np.int64)
    if (narrow >> 63 == high).all():
        return [*narrow]
    return list(map(from_words, low, high))


def narrowest(least: int, largest: int) -> np.dtype[Any]:
    """The smallest dtype of signed integers that holds all between two; that of Python's where none does."""
    for dtype in (np.int8, np.int16, np.int32, np.int64):
        bounds = np.iinfo(dtype)
        if bounds.min <= least and largest <= bounds.max:
            return np.dtype(dtype)
    return np.dtype(object)
