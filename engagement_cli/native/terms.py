"""When the terms of subscriptions end: calendar steps from a local day at the same local time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
_due = function("terms_due", *[np.int64] * 7, int, np.int64, np.int64, *[int] * 4, np.int64, np.int64)


class Offsets(Record):
    """Seconds that a zone is ahead of UTC: `seconds[i]` from the local second `switches[i − 1]` on, rising."""

    switches: Int64s
    seconds: Int64s


class Anchors(Record):
    """Rows from which steps are taken.

    `local`: seconds of the wall clock since 1970, `rest`: ticks beyond the second, `ended` (ticks): no step ends later.
    A step is so many `months`, of which the days that a month lacks are its last; where it is none, so many `days`.
    """

    local: Int64s
    rest: Int64s
    ended: Int64s
    months: Int64s
    days: Int64s


def terms_due(
    rows: Anchors, low: Int64s, count: Int64s, offsets: Offsets, ticks_per_second: int, first: int, last: int
) -> tuple[Int64s, Int64s]:
    """Of the steps `low`, … `low + count − 1` of each row those that end in `[first, last)`: the row, the end in ticks.

    They are in the order of the rows, and of time.
    """
    columns = (rows.local, rows.rest, rows.ended, rows.months, rows.days, low, count)
    arrays = [np.ascontiguousarray(column, np.int64) for column in columns]
    switches, seconds = (np.ascontiguousarray(a, np.int64) for a in (offsets.switches, offsets.seconds))
    if any(len(array) != len(low) for array in arrays) or len(seconds) != len(switches) + 1 or (count < 0).any():
        raise ValueError("columns of another length, or less than no steps")
    owner, ends = (np.empty(int(count.sum()), np.int64) for _ in range(2))
    clock = (switches, seconds, len(switches), ticks_per_second, first, last)
    found = _due(*arrays, len(low), *clock, owner, ends)
    return owner[:found].copy(), ends[:found].copy()
