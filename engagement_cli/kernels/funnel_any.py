"""Funnel in which the steps may come in any order: how many of them distinct events fill."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Flags, Int64s, Integers, elapsed_at_most
from engagement_cli.kernels.dense import renumber
from engagement_cli.kernels.funnel_attempts import Attempts, deepest_per_entity, new_times
from engagement_cli.kernels.runs import starts


def best_any(
    entity: Integers,
    time: Int64s,
    mask: Integers,
    steps: int,
    window: int,
    *,
    may_enter: Flags | None,
    first_only: bool,
) -> Attempts:
    """Each entity's counted attempt: its first, or its deepest (the earliest of equals).

    Rows match at least one step and are sorted by (entity, time); an attempt begins at each distinct time. `times[i]`
    is when i + 1 steps were filled. An event that cannot fill one step more when it comes, even if the events before it
    change steps among themselves, never can later (steps and events form a matroid). So each attempt carries the
    events it has used, and jumps to the next row that is useful to them.
    """
    entry = starts(entity, time)
    if may_enter is not None:  # depends on the time alone, so that the first row speaks for all of its time
        entry = entry[may_enter[entry]]
    if first_only:
        entry = entry[starts(entity[entry])]
    owner, entry_time = entity[entry], time[entry]
    times = new_times(steps, entry_time)
    depth = np.ones(len(entry), np.int8)
    entity = np.concatenate([entity, np.array([np.iinfo(entity.dtype).max], entity.dtype)])
    time = np.append(time, 0)
    states = _States(steps)
    next_rows = _next_rows(mask, steps) if steps > 1 else []
    live, at = np.arange(len(entry)), entry
    state = states.after(np.zeros(len(entry), np.int64), mask[at])
    for step in range(1, steps):
        following = _next_useful(next_rows, states.useful(state), at, len(mask))
        goes_on = (entity[following] == owner[live]) & elapsed_at_most(time[following], entry_time[live], window)
        live, at, state = live[goes_on], following[goes_on], state[goes_on]
        times[step, live] = time[at]
        depth[live] = step + 1
        state = states.after(state, mask[at])
    return deepest_per_entity(Attempts(owner, entry, depth, times))


def _next_rows(mask: Integers, steps: int) -> list[Integers]:
    """For each step and each row, the first later row that matches the step; len(mask) where there is none."""
    rows = len(mask)
    tables: list[Integers] = []
    for step in range(steps):
        has = ((mask >> step) & 1).astype(np.bool_)
        number = np.int32 if rows < 1 << 31 else np.int64
        where: Integers = np.append(np.flatnonzero(has), rows).astype(number)
        tables.append(where[np.cumsum(has, dtype=number)])
    return tables


def _next_useful(following: list[Integers], useful: Int64s, after: Int64s, rows: int) -> Int64s:
    """For each position, the first later row that matches one of its useful steps; `rows` where there is none."""
    found = np.full(len(after), rows, np.int64)
    for step, table in enumerate(following):
        asking = np.flatnonzero((useful & (1 << step)) != 0)
        found[asking] = np.minimum(found[asking], table[after[asking]])
    return found


class _States:
    """Numbers for the sets of events that attempts have used, made up as they are met; 0 is the empty set."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._events: list[tuple[int, ...]] = [()]
        self._number: dict[tuple[int, ...], int] = {(): 0}

    def after(self, state: Int64s, mask: Integers) -> Int64s:
        """The states once an event of that mask, known to be useful, is used as well."""
        width = self._steps
        pairs, which, _ = renumber((state << width) | mask.astype(np.int64))
        found = [self._add(pair >> width, pair & ((1 << width) - 1)) for pair in pairs.tolist()]
        return np.asarray(np.array(found, np.int64)[which], np.int64)

    def useful(self, state: Int64s) -> Int64s:
        """The steps (bits) that a further event must match to fill one step more."""
        numbers, which, _ = renumber(state)
        found = [_useful_steps(self._events[number], self._steps) for number in numbers.tolist()]
        return np.asarray(np.array(found, np.int64)[which], np.int64)

    def _add(self, state: int, mask: int) -> int:
        events = tuple(sorted((*self._events[state], mask)))
        if events not in self._number:
            self._number[events] = len(self._events)
            self._events.append(events)
        return self._number[events]


def _useful_steps(events: tuple[int, ...], steps: int) -> int:
    """The steps (bits) for which an event that matches this step alone would find a place beside all these events."""
    return sum(1 << step for step in range(steps) if _all_placed((*events, 1 << step)))


def _all_placed(events: tuple[int, ...]) -> bool:
    """Can every event fill a step of its own?"""
    filled_by: dict[int, int] = {}

    def place(number: int, tried: set[int]) -> bool:
        for step in range(events[number].bit_length()):
            if events[number] >> step & 1 and step not in tried:
                tried.add(step)
                if step not in filled_by or place(filled_by[step], tried):
                    filled_by[step] = number
                    return True
        return False

    return all(place(number, set()) for number in range(len(events)))
