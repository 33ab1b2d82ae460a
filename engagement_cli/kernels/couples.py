"""Couples of integers in order: packed into one number where they fit, which sorts many times faster than two."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import LARGEST, Int64s, Integers
from engagement_cli.kernels.runs import starts
from engagement_cli.records import Record


def in_order(major: Integers, minor: Integers) -> tuple[Int64s, Int64s]:
    """Couples of one length, sorted by the first, then by the second."""
    packing = _packing(major, minor)
    if packing is None:
        order = np.lexsort((minor, major))
        return major[order].astype(np.int64), minor[order].astype(np.int64)
    return packing.apart(packing.sorted(major, minor))


def distinct(major: Integers, minor: Integers) -> tuple[Int64s, Int64s]:
    """The different couples, in order."""
    packing = _packing(major, minor)
    if packing is None:
        first, second = in_order(major, minor)
        at = starts(first, second)
        return first[at], second[at]
    packed = packing.sorted(major, minor)
    return packing.apart(packed[starts(packed)])


class _Packing(Record):
    """Both in one number, counted from the least of each: the minor in the low bits."""

    least: int
    low: int
    bits: int

    def sorted(self, major: Integers, minor: Integers) -> Int64s:
        packed = major.astype(np.int64)
        packed -= self.least
        packed <<= self.bits
        packed |= minor.astype(np.int64) - self.low
        packed.sort()
        return packed

    def apart(self, packed: Int64s) -> tuple[Int64s, Int64s]:
        return (packed >> self.bits) + self.least, (packed & ((1 << self.bits) - 1)) + self.low


def _packing(major: Integers, minor: Integers) -> _Packing | None:
    """None where they do not fit one number."""
    if len(major) == 0:
        return _Packing(0, 0, 0)
    low, high = int(minor.min()), int(minor.max())
    least, bits = int(major.min()), (high - low).bit_length()
    if (int(major.max()) - least).bit_length() + bits > LARGEST.bit_length() or high > LARGEST:
        return None
    return _Packing(least, low, bits)
