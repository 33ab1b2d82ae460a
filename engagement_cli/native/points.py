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
    *(np.int64, np.int64, np.int64, np.int64, int),
    *(np.int64, np.int64, int),
    *(int, np.int64, np.int64, int, int, np.int64, np.uint64),
)


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
) -> tuple[Int64s, Int64s]:
    """The points of every window, sum and customer, where there are so many sums; the rows counted.

    `rows` are customers below `customers`, times and kinds, sorted by (customer, time). Windows are `[begins, ends)`;
    those that rise at both ends take one pass over the rows. The rows counted have the shape (windows, events). Points
    that 64 bits do not hold wrap round.
    """
    if any(later[0] < window[0] or later[1] < window[1] for window, later in pairwise(windows)):
        alone = [points(rows, events, [window], customers, sums) for window in windows]
        return np.concatenate([each[0] for each in alone]), np.concatenate([each[1] for each in alone])
    customer, time, kind = (np.ascontiguousarray(column) for column in rows)
    found = np.zeros((len(windows), sums, customers), np.int64)
    sizes = np.zeros((len(windows), len(events)), np.int64)
    if not events or not windows or not len(time):
        return found, sizes
    if int(customer[-1]) >= customers or int(kind.max()) >= len(events[0].kinds):
        raise IndexError(f"a customer is not among {customers}, or a kind not among {len(events[0].kinds)}")
    if any(not 0 <= number < sums for event in events for number in event.sums):
        raise IndexError(f"an event adds to a sum that is not among {sums}")
    takes = np.array([event.kinds for event in events], np.bool_).T
    slots = _listed([np.flatnonzero(of_kind) for of_kind in takes])
    into = _listed([event.sums for event in events])
    single = int(sums == 1 and all(event.sums for event in events))
    begins, ends = (np.array(bounds, np.int64) for bounds in zip(*windows, strict=True))
    weights, caps = (np.array([getattr(e, name) for e in events], np.int64) for name in ("weight", "cap"))
    whole = (*slots, weights, caps, len(events), begins, ends, len(windows), customers, *into, sums, single)
    _in_windows(customer, time, kind, len(time), *whole, sizes, found.view(np.uint64))
    return found, sizes


def _listed(numbers: Sequence[Sequence[int] | Int64s]) -> tuple[Int64s, Int64s]:
    """Numbers of each of some, end to end, behind where those of each begin."""
    first = np.cumsum([0, *map(len, numbers)])
    return first.astype(np.int64), np.concatenate([np.empty(0, np.int64), *(np.array(n, np.int64) for n in numbers)])
