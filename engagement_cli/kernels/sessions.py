"""Where sessions begin: after a gap, at midnight, or once a session has lasted too long; how long each row lasts."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Int64s, Integers, saturating_add
from engagement_cli.kernels.pairs import index_pairs, positions
from engagement_cli.kernels.runs import expand, lengths


def session_starts(
    customer: Integers, time: Int64s, gap: int, day: Integers | None = None, cap: int | None = None
) -> Int64s:
    """Positions of the rows that open a session.

    `customer`, `time` (ticks) and `day` have one value a row, sorted by (customer, time). A session ends after a gap
    greater than `gap` ticks; with `day`, the local day of each row, also at midnight; with `cap`, an event `cap` ticks
    or more after its session's first event opens a new one. Raises ValueError for a negative gap or a cap below 1.
    """
    if gap < 0 or (cap is not None and cap < 1):
        raise ValueError(f"gap must be >= 0 and cap >= 1, got gap={gap}, cap={cap}")
    rows = len(time)
    if rows == 0:
        return np.zeros(0, np.int64)
    new = np.empty(rows, np.bool_)
    new[0] = True
    # Unsigned, so that a gap past 2**63 ticks is long, not negative; between customers the difference means nothing.
    np.greater((time[1:] - time[:-1]).view(np.uint64), np.uint64(min(gap, 2**64 - 1)), out=new[1:])
    new[1:] |= customer[1:] != customer[:-1]
    if day is not None:
        new[1:] |= day[1:] != day[:-1]
    opening = np.flatnonzero(new)
    if cap is None:
        return opening
    cuts = _cuts(time, opening, cap)
    return np.sort(np.concatenate([opening, cuts])) if len(cuts) else opening


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


def _cuts(time: Int64s, opening: Int64s, cap: int) -> Int64s:
    """Further starts inside the sessions that last `cap` or longer.

    For every row of those sessions, one search finds the row that would cut a session begun there; the cuts are then
    followed from start to start, in all sessions at once.
    """
    count = lengths(opening, len(time))
    last = time[opening + count - 1]
    too_long = np.flatnonzero(last >= saturating_add(time[opening], cap))
    first, count = opening[too_long], count[too_long]
    rows = expand(first, count)
    session = np.repeat(np.arange(len(first)), count)
    inside = time[rows]
    cut_from = positions(index_pairs(session, inside, len(first)), session, saturating_add(inside, cap))
    end = np.cumsum(count)
    at = end - count
    found: list[Int64s] = []
    while len(at):
        at = cut_from[at]
        going_on = at < end
        at, end = at[going_on], end[going_on]
        found.append(rows[at])
    return np.concatenate(found) if found else np.zeros(0, np.int64)
