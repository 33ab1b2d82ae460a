"""Where sessions begin: after a gap, at midnight, or once a session has lasted too long; how long each row lasts."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.runs import lengths
from engagement_cli.native.sessions import session_cuts


def session_starts(
    customer: Integers, time: Int64s, gap: int, day: Integers | None = None, cap: int | None = None
) -> Int64s:
    """Positions of the rows that open a session, as `session_cuts` cuts them, where all rows are wanted."""
    days = None if day is None else np.ascontiguousarray(day, np.int32)
    columns = np.ascontiguousarray(customer, np.uint32), np.ascontiguousarray(time), np.zeros(len(time), np.uint32)
    return session_cuts(*columns, np.ones(1, np.bool_), gap, days, cap)[0]


def ticks_until_next(time: Int64s, opening: Int64s) -> Int64s:
    """For every row the ticks until its session's next later row, −1 where there is none.

    `time` lies in order within each session; `opening` are the positions that open one. Simultaneous rows, in
    whichever order, have the same next one.
    """
    rows = len(time)
    if rows == 0:
        return np.zeros(0, np.int64)
    opens = np.zeros(rows, np.bool_)
    opens[opening] = True
    moment = opens.copy()
    moment[1:] |= time[1:] != time[:-1]
    at = np.flatnonzero(moment)
    ends_session = np.append(opens[at[1:]], True)
    waits = np.where(ends_session, -1, np.append(time[at[1:]], 0) - time[at])
    return np.repeat(waits, lengths(at, rows))
