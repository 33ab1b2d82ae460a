"""Customer, instant and kind of a row packed into one number that sorts as they do: instants in units since a first."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Codes = NDArray[np.uint32]
Ticks = NDArray[np.int64]
Keys = NDArray[np.uint64]
_WORD = 2**64
_divides = function("packing_divides", np.int64, int, int, int, int, int)
_pack = function("packing_pack", np.uint32, np.int64, np.uint32, int, int, int, int, int, int, np.uint64)
_unpack = function("packing_unpack", np.uint64, int, int, int, int, int, np.uint32, np.int64, np.uint32)


def divides(unit: int, ticks: Ticks, first: int) -> bool:
    """Whether a unit (from 1 on) divides the ticks since `first`; those before do not count."""
    inverse, twos = exact_division(unit)
    return bool(_divides(np.ascontiguousarray(ticks), len(ticks), first, inverse, twos, (_WORD - 1) // unit))


def packed(customer: Codes, ticks: Ticks, kind: Codes, *, first: int, unit: int, shift: int, kind_bits: int) -> Keys:
    """One number a row: the customer from bit `shift` (below 64) on, then the units since `first`, last the kind.

    The unit divides the ticks since `first`, the least of them; each part has the bits that it needs.
    """
    keys = np.empty(len(ticks), np.uint64)
    columns = (np.ascontiguousarray(customer), np.ascontiguousarray(ticks), np.ascontiguousarray(kind))
    _pack(*columns, len(ticks), first, *exact_division(unit), shift, kind_bits, keys)
    return keys


def unpacked(keys: Keys, *, first: int, unit: int, shift: int, kind_bits: int) -> tuple[Codes, Ticks, Codes]:
    """Customers, instants and kinds of what was packed."""
    rows = len(keys)
    customer, ticks, kind = np.empty(rows, np.uint32), np.empty(rows, np.int64), np.empty(rows, np.uint32)
    _unpack(np.ascontiguousarray(keys), rows, first, unit, shift, kind_bits, customer, ticks, kind)
    return customer, ticks, kind


@cache
def exact_division(unit: int) -> tuple[int, int]:
    """The inverse of a unit's odd factor modulo 2^64, and the exponent of its factor of twos."""
    twos = (unit & -unit).bit_length() - 1
    return pow(unit >> twos, -1, _WORD), twos
