"""An attempt: one entry into a funnel and how far it got."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import LARGEST, Int64s, Integers
from engagement_cli.kernels.runs import first_at_maximum, starts
from engagement_cli.records import Record

NOT_REACHED = LARGEST
"""The time of a step that was not reached."""


class Attempts(Record):
    """One column an attempt, sorted by (entity, entry time).

    `entry` is the position of the moment (or, in any order, of the row) of the entry, `depth` the number of steps
    reached, `times` has the shape (steps, attempts), `NOT_REACHED` where a step was not.
    """

    entity: Integers
    entry: Int64s
    depth: NDArray[np.int8]
    times: Int64s

    def take(self, which: Int64s) -> Attempts:
        """These attempts only, in this order."""
        return Attempts(self.entity[which], self.entry[which], self.depth[which], self.times[:, which])


def new_times(steps: int, entry_time: Int64s) -> Int64s:
    """Times in which only the entry is filled in, shape (steps, attempts)."""
    times = np.full((steps, len(entry_time)), NOT_REACHED, np.int64)
    times[0] = entry_time
    return times


def deepest_per_entity(attempts: Attempts) -> Attempts:
    """Each entity's deepest attempt, the earliest of equals."""
    return attempts.take(first_at_maximum(attempts.depth, starts(attempts.entity)))
