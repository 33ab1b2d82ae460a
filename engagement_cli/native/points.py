"""What customers' rows in trailing windows are worth, where all rows of an event add the same, up to a cap."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
_in_windows = function(
    "points_in_windows",
    *(np.uint32, np.int64, np.uint32, int),
    *(np.int64, np.int64, int, np.int64, np.int64, int),
    *(np.int64, np.int64, int),
    *(int, np.int64, np.int64, int, int, np.uint64),
)
_MOST = 2**32 - 1  # rows


class Event(Record):
    """The kinds of rows that count (one flag a kind), what each row adds, how many of a customer's rows do, and the
    numbers of the sums that they are added to."""

    kinds: NDArray[np.bool_]
    weight: int
    cap: int
    sums: tuple[int, ...]


def points(
    rows: tuple[NDArray[np.uint32], Int64s, NDArray[np.uint32]],
    events: Sequence[Event],
    windows: Sequence[tuple[int, int]],
    customers: int,
    sums: int,
) -> Int64s:
    """The points of every window, sum and customer, where there are so many sums.

    `rows` are customers below `customers`, times and kinds, sorted by (customer, time), less than 2³² of them. Windows
    are `[begins, ends)`; those that rise at both ends take one pass over the rows. Points that 64 bits do not hold wrap
    round.
    """
    if any(later[0] < window[0] or later[1] < window[1] for window, later in pairwise(windows)):
        return np.concatenate([points(rows, events, [window], customers, sums) for window in windows])
    customer, time, kind = (np.ascontiguousarray(column) for column in rows)
    found = np.zeros((len(windows), sums, customers), np.int64)
    if not events or not windows or not len(time):
        return found
    if int(customer[-1]) >= customers or int(kind.max()) >= len(events[0].kinds):
        raise IndexError(f"a customer is not among {customers}, or a kind not among {len(events[0].kinds)}")
    if any(not 0 <= number < sums for event in events for number in event.sums):
        raise IndexError(f"an event adds to a sum that is not among {sums}")
    nothing = Event(~np.logical_or.reduce([event.kinds for event in events]), 0, 0, (0,))
    events = [*events, nothing]  # what a row of any other kind counts for
    kinds, slots = np.array([event.kinds for event in events], np.bool_).T.nonzero()
    first_slot = np.searchsorted(kinds, np.arange(len(nothing.kinds) + 1))
    alone = int(len(slots) == len(nothing.kinds))  # as each kind counts for one at least
    first_sum = np.cumsum([0, *(len(event.sums) for event in events)])
    into = first_sum, np.array([number for event in events for number in event.sums], np.int64)
    single = int(sums == 1 and all(event.sums for event in events))
    begins, ends = (np.array(bounds, np.int64) for bounds in zip(*windows, strict=True))
    weights = np.array([event.weight for event in events], np.int64)
    caps = np.array([min(event.cap, _MOST) for event in events], np.int64)
    of_kinds = first_slot, np.ascontiguousarray(slots), alone
    trailing = begins, ends, len(windows), customers
    whole = (*of_kinds, weights, caps, len(events), *trailing, *into, sums, single)
    _in_windows(customer, time, kind, len(time), *whole, found.view(np.uint64))
    return found
