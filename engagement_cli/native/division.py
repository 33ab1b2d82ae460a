"""Division without dividing: exact quotients, and whether instants are whole units since a first."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Ticks = NDArray[np.int64]
_WORD = 2**64
_divides = function("division_leaves_no_rest", np.int64, int, int, int, int, int)


def divides(unit: int, ticks: Ticks, first: int) -> bool:
    """Whether a unit (from 1 on) divides the ticks since `first`; those before do not count."""
    inverse, twos = exact_division(unit)
    return bool(_divides(np.ascontiguousarray(ticks), len(ticks), first, inverse, twos, (_WORD - 1) // unit))


@cache
def exact_division(unit: int) -> tuple[int, int]:
    """The inverse of a unit's odd factor modulo 2^64, and the exponent of its factor of twos."""
    twos = (unit & -unit).bit_length() - 1
    return pow(unit >> twos, -1, _WORD), twos
