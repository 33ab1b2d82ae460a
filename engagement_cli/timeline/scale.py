"""Instants and amounts as few bytes: counted from the least, in the coarsest unit that divides all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.division import divides
from engagement_cli.records import Record

Ticks = NDArray[np.int64]
_UNITS = (*(n * 10**9 for n in (86_400, 3600, 60, 1)), *(n * 10**6 for n in (86_400, 3600, 60, 1)), 10**4, 10**3)


class Scale(Record):
    """`first` is subtracted, the rest divided by `unit`."""

    first: int
    unit: int

    def shortened(self, ticks: Ticks) -> NDArray[np.uint64]:
        """Offsets in units; none is negative."""
        offset = (ticks - self.first).view(np.uint64)
        return offset if self.unit == 1 else offset // np.uint64(self.unit)

    def restored(self, offset: NDArray[np.unsignedinteger]) -> Ticks:
        """The instants of offsets."""
        ticks = offset.astype(np.int64)
        ticks *= self.unit
        ticks += self.first
        return ticks


def scale_of(ticks: Ticks) -> Scale:
    """The scale of instants in any order, of which there may be none."""
    return common_scale([ticks])


def common_scale(parts: Sequence[Ticks]) -> Scale:
    """The scale of all instants of some parts."""
    parts = [ticks for ticks in parts if len(ticks)]
    if not parts:
        return Scale(0, 1)
    return scale_from(min(int(ticks.min()) for ticks in parts), parts)


def scale_from(first: int, parts: Sequence[Ticks]) -> Scale:
    """The scale of the instants of some parts from `first` on; those before do not count."""
    return Scale(first, next((unit for unit in _UNITS if all(divides(unit, part, first) for part in parts)), 1))


def narrowest(numbers: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    """Numbers in the narrowest unsigned type that holds the largest."""
    return numbers.astype(np.min_scalar_type(int(numbers.max()) if len(numbers) else 0), copy=False)
