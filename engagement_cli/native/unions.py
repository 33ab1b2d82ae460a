"""Two sorted lists of couples as one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function

Couples = tuple[NDArray[np.uint32], NDArray[np.int32]]
_couples = function("unions_of_couples", np.uint32, np.int32, int, np.uint32, np.int32, int, np.uint32, np.int32)


def union(a: Couples, b: Couples) -> Couples:
    """The couples (customer, period) in either, each once, sorted; both come sorted and without repeats."""
    if any(len(customer) != len(period) for customer, period in (a, b)):
        raise ValueError("expected columns of one length")
    room = len(a[0]) + len(b[0])
    customer, period = np.empty(room, np.uint32), np.empty(room, np.int32)
    found = _couples(*a, len(a[0]), *b, len(b[0]), customer, period)
    return customer[:found], period[:found]
