"""Where 64-bit hashes stand among known ones: by their upper bits, then step by step among the few that share them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class HashIndex:
    """Known hashes in rising order; `first[s]` is the position of the first one whose upper bits are `s` or more.

    `known` has its first value once more at the end, where a search that runs past the last one stops.
    """

    known: Hashes
    first: NDArray[np.uint32]
    shift: int
    longest: int

    def find(self, hashes: Hashes) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
        """Each hash's position among the known ones, and which of the hashes are unknown (their position is void)."""
        position = self.first[(hashes >> np.uint64(self.shift)).view(np.int64)]
        missed = np.flatnonzero(self.known[position] != hashes)
        for _ in range(self.longest - 1):
            if not len(missed):
                break
            position[missed] = np.minimum(position[missed] + 1, len(self.known) - 1)
            missed = missed[self.known[position[missed]] != hashes[missed]]
        return position, missed


def hash_index(known: Hashes) -> HashIndex:
    """The index of distinct hashes, at least one, in rising order."""
    bits = min(len(known).bit_length() + 4, 24)
    shift = 64 - bits
    slots = np.arange(1 << bits, dtype=np.uint64)
    own = known >> np.uint64(shift)
    first = np.searchsorted(own, slots).astype(np.uint32)
    longest = int(np.bincount(own.view(np.int64)).max())
    return HashIndex(np.append(known, known[0]), first, shift, longest)
