"""Rows of one entity at one time count in either order: how far they lead through a funnel's steps together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s, Integers
from engagement_cli.kernels.dense import renumber
from engagement_cli.kernels.runs import expand, starts
from engagement_cli.records import Record


class Moments(Record):
    """Rows of equal (entity, time) taken together.

    `entity`, `time` and `steps_here` (the steps that any of its rows matches) have one extra last element that belongs
    to no entity, so that "the next moment" always exists. `pattern` is 0 for a moment of one row; for the others it is
    a row of `advance` (how many steps, from step i on, its rows fill) and of `consumed` (does that use all its rows).
    """

    first_row: Int64s
    size: Int64s
    entity: Integers
    time: Int64s
    steps_here: Int64s
    pattern: NDArray[np.int32]
    advance: NDArray[np.int8]
    consumed: Flags

    def __len__(self) -> int:
        return len(self.first_row)

    def having(self, step: int) -> Flags:
        """Does any row of the moment match this step, counted from 0? One value a moment."""
        return np.asarray((self.steps_here[:-1] & (1 << step)) != 0, np.bool_)

    @property
    def tied(self) -> bool:
        """Does any moment hold more than one row?"""
        return len(self.advance) > 1


def moments(entity: Integers, time: Int64s, mask: Integers, steps: int) -> Moments:
    """Collapse rows sorted by (entity, time), each with the bit mask of the steps it matches, into moments."""
    first = starts(entity, time)
    size = np.diff(first, append=len(time))
    pattern = np.zeros(len(first), np.int32)
    advance = np.ones((1, steps), np.int8)
    consumed = np.zeros((1, steps), np.bool_)
    steps_here = mask[first].astype(np.int64)
    several = np.flatnonzero(size > 1)
    if len(several):
        rows = expand(first[several], size[several])
        offset = np.cumsum(size[several]) - size[several]
        here = mask[rows].astype(np.int64)
        steps_here[several] = np.bitwise_or.reduceat(here, offset)
        kind, example = _tie_patterns(here, offset, size[several], steps)
        pattern[several] = kind + 1
        tables = [_lead(here[offset[m] : offset[m] + size[several[m]]], steps) for m in example.tolist()]
        advance = np.concatenate([advance, np.array([t[0] for t in tables], np.int8)])
        consumed = np.concatenate([consumed, np.array([t[1] for t in tables], np.bool_)])
    nobody = np.array([np.iinfo(entity.dtype).max], entity.dtype)
    return Moments(
        first_row=first,
        size=size,
        entity=np.concatenate([entity[first], nobody]),
        time=np.append(time[first], 0),
        steps_here=np.append(steps_here, 0),
        pattern=pattern,
        advance=advance,
        consumed=consumed,
    )


def _tie_patterns(mask: Int64s, offset: Int64s, size: Int64s, steps: int) -> tuple[Int64s, Int64s]:
    """Number moments that lead equally far alike: the pattern of each moment, and one moment of each pattern.

    Rows of a mask beyond its number of steps are spare, so a pattern is the capped count of each mask. The counts are
    the digits of one number, which is renumbered densely whenever the next digit would not fit.
    """
    masks, kind, _ = renumber(mask)
    code = np.minimum(size, steps + 1)
    radix = steps + 2
    for position, value in enumerate(masks.tolist()):
        enough = value.bit_count()
        if radix * (enough + 1) >= 1 << 62:
            known, code, _ = renumber(code)
            radix = len(known)
        code = code + radix * np.minimum(np.add.reduceat(kind == position, offset, dtype=np.int64), enough)
        radix *= enough + 1
    _, pattern, example = renumber(code)
    return pattern, example


def _lead(masks: Int64s, steps: int) -> tuple[list[int], list[bool]]:
    """From each step on: how many steps in a row these simultaneous events fill, and whether that uses all of them."""
    values, counts = np.unique(masks, return_counts=True)
    events = [v for v, n in zip(values.tolist(), counts.tolist(), strict=True) for _ in range(min(n, v.bit_count()))]
    filled = [longest_run(events, first, steps) for first in range(steps)]
    return filled, [run == len(masks) for run in filled]


def longest_run(events: list[int], first: int, steps: int) -> int:
    """The largest m such that steps first .. first + m - 1 are filled by m distinct events (bit masks), by matching."""
    filling: dict[int, int] = {}

    def place(step: int, tried: set[int]) -> bool:
        for number, mask in enumerate(events):
            if mask >> step & 1 and number not in tried:
                tried.add(number)
                if number not in filling or place(filling[number], tried):
                    filling[number] = step
                    return True
        return False

    run = 0
    while first + run < steps and place(first + run, set()):
        run += 1
    return run
