"""Funnel in which other events may lie between the steps: the next step is the next moment that has it."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Int64s, elapsed_at_most
from engagement_cli.kernels.funnel_attempts import Attempts, deepest_per_entity, new_times
from engagement_cli.kernels.funnel_ties import Moments
from engagement_cli.kernels.runs import expand, starts


def best_sequential(moments: Moments, steps: int, window: int, *, first_only: bool) -> Attempts:
    """Each entity's counted attempt: its first, or its deepest (the earliest of equals).

    Attempts with the same next moment for step 2 share all that follows, so the last of them, whose window reaches
    furthest, tells how deep any of them gets. Only the first deepest such chain is walked from each of its entries.
    """
    entries = np.flatnonzero(moments.having(0))
    entity = moments.entity[entries]
    if first_only or steps == 1:
        return _walk(moments, steps, window, entries[starts(entity)])
    seconds_so_far = np.cumsum(moments.having(1), dtype=np.int32)[entries]
    begins = np.zeros(len(entries), np.bool_)
    begins[starts(entity, seconds_so_far)] = True
    if moments.tied:  # an entry of several rows may lead further by itself, so that none after it shares its chain
        begins[1:] |= moments.pattern[entries[:-1]] > 0
    chain = np.flatnonzero(begins)
    count = np.diff(chain, append=len(entries))
    leaders = _walk(moments, steps, window, entries[chain + count - 1])
    best = deepest_per_entity(leaders)
    which = np.searchsorted(leaders.entry, best.entry)
    return deepest_per_entity(_walk(moments, steps, window, entries[expand(chain[which], count[which])]))


def _walk(moments: Moments, steps: int, window: int, entry: Int64s) -> Attempts:
    """Follow each entry, greedily: the earliest moment for a step is never the wrong one."""
    entity, entry_time = moments.entity[entry], moments.time[entry]
    depth = moments.advance[moments.pattern[entry], 0]
    times = new_times(steps, entry_time)
    for step in range(1, steps):
        times[step, depth > step] = entry_time[depth > step]
    at = entry.copy()
    for step in range(1, steps):
        live = np.flatnonzero(depth == step)
        following = _next_with(moments, step, at[live])
        goes_on = (moments.entity[following] == entity[live]) & elapsed_at_most(
            moments.time[following], entry_time[live], window
        )
        live, following = live[goes_on], following[goes_on]
        at[live] = following
        when = moments.time[following]
        times[step, live] = when
        if not moments.tied:
            depth[live] = step + 1
            continue
        reached = step + moments.advance[moments.pattern[following], step]
        depth[live] = reached
        for later in range(step + 1, steps):
            times[later, live[reached > later]] = when[reached > later]
    return Attempts(entity, entry, depth, times)


def _next_with(moments: Moments, step: int, after: Int64s) -> Int64s:
    """For each position, the first later moment that has this step; the extra last moment where there is none."""
    has = moments.having(step)
    where = np.append(np.flatnonzero(has), len(moments))
    if len(after) * 8 < len(moments):
        return where[np.searchsorted(where, after, side="right")]
    return where[np.cumsum(has, dtype=np.int32)[after]]
