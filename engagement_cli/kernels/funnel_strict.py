"""Funnel in which nothing may lie between the steps: each step is the very next event."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import elapsed_at_most
from engagement_cli.kernels.funnel_attempts import Attempts, deepest_per_entity, new_times
from engagement_cli.kernels.funnel_ties import Moments
from engagement_cli.kernels.runs import starts


def best_strict(moments: Moments, steps: int, window: int, *, first_only: bool) -> Attempts:
    """Each entity's counted attempt: its first, or its deepest (the earliest of equals).

    The moments hold all rows, also those that match no step. Of several simultaneous rows, any m that fill the first m
    steps may come last among them, so that the chain goes on from there: one attempt is walked for each such m.
    """
    first = np.flatnonzero(moments.having(0))
    if first_only:
        first = first[starts(moments.entity[first])]
    variants = moments.advance[moments.pattern[first], 0].astype(np.int64)
    entry = np.repeat(first, variants)
    # The largest m first: of attempts equally deep it has the earliest times.
    begun = np.repeat(np.cumsum(variants), variants) - np.arange(len(entry))
    entity, entry_time = moments.entity[entry], moments.time[entry]
    times = new_times(steps, entry_time)
    for step in range(1, steps):
        times[step, begun > step] = entry_time[begun > step]
    depth = begun.astype(np.int8)
    live = np.flatnonzero(begun < steps)
    at, done = entry[live], begun[live]
    while len(live):
        following = at + 1
        goes_on = (moments.entity[following] == entity[live]) & elapsed_at_most(
            moments.time[following], entry_time[live], window
        )
        live, at, done = live[goes_on], following[goes_on], done[goes_on]
        pattern = moments.pattern[at]
        single = (moments.steps_here[at] >> done) & 1
        filled = np.where(pattern == 0, single, moments.advance[pattern, done]).astype(np.int64)
        whole = np.where(pattern == 0, single == 1, moments.consumed[pattern, done])
        reached = done + filled
        for step in range(1, steps):
            here = (done <= step) & (step < reached)
            times[step, live[here]] = moments.time[at[here]]
        depth[live] = reached
        goes_on = whole & (reached < steps)
        live, at, done = live[goes_on], at[goes_on], reached[goes_on]
    return deepest_per_entity(Attempts(entity, entry, depth, times))
