"""Retention: what became of each customer in each cohort, added up by group, cohort and bracket of periods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native.library import function
from engagement_cli.records import Record

Int64s = NDArray[np.int64]
_NO_GROUPS = np.zeros(0, np.int64)
_LARGEST = int(np.iinfo(np.int64).max)
_cells = function(
    "retention_cells",
    *(np.uint32, np.int64, np.uint32, int, np.uint8, np.int64, int, np.int64),
    *(int, int, int, int, int, int, int, int, int, int, int),
    *(np.int64, np.int64, int, np.int64, np.int64, np.int64, np.int64, np.int64),
)


class Asked(Record):
    """What is counted: entries in `[since, until)`, returns before `seen`, cells that end by `as_of`; all in ticks.

    `bounds` are the starts of the periods, past the last one asked for; cohorts are the `cohorts` of them from
    `first_cohort` on, in which all entries lie. `brackets` are (first, last) in periods of the calendar from the
    cohort's on, or, with a `length`, in steps of so many ticks from the entry; with `or_after` without an end.
    `first_time`: a customer's first start alone is an entry; else the first of each period.
    """

    bounds: Int64s
    first_cohort: int
    cohorts: int
    since: int
    until: int
    as_of: int
    seen: int
    brackets: Sequence[tuple[int, int]]
    length: int
    or_after: bool
    first_time: bool
    min_count: int


class Totals(Record):
    """Counts, int64: `size` (groups, cohorts), `eligible`, `retained` and `so_far` (groups, cohorts, brackets).

    `sums` is (6, groups, brackets): customers with any eligible membership, and over customers the sums of x (retained
    memberships), y (eligible ones), x², y² and xy.
    """

    size: Int64s
    eligible: Int64s
    retained: Int64s
    so_far: Int64s
    sums: Int64s


def totals(
    customer: NDArray[np.uint32],
    time: Int64s,
    kind: NDArray[np.uint32],
    roles: NDArray[np.uint8],
    asked: Asked,
    group: Int64s | None,
    groups: int,
) -> Totals:
    """Count rows sorted by (customer, time) whose kinds start (`roles` 1), return (2) or both (3), one role a kind.

    `group`: the group of each row that starts, if there is more than one.
    """
    steps = asked.length or 1
    begin, end = (
        np.array([min(edge * steps, _LARGEST) for edge in edges], np.int64)
        for edges in ([first for first, _ in asked.brackets], [last + 1 for _, last in asked.brackets])
    )
    if not len(time) == len(customer) == len(kind) or (groups > 1 and (group is None or len(group) != len(time))):
        raise ValueError("expected columns of one length, and a group a row where there are several")
    shape = (groups, asked.cohorts, len(asked.brackets))
    eligible, retained, so_far = (np.zeros(shape, np.int64) for _ in range(3))
    found = Totals(np.zeros(shape[:2], np.int64), eligible, retained, so_far, np.zeros((6, *shape[::2]), np.int64))
    _cells(
        *(customer, time, kind, len(time), roles, _NO_GROUPS if group is None else group, groups, asked.bounds),
        *(len(asked.bounds) - 1, asked.first_cohort, asked.cohorts, asked.since, asked.until, asked.as_of, asked.seen),
        *(int(asked.first_time), int(asked.length > 0), int(asked.or_after), min(asked.min_count, _LARGEST)),
        *(begin, end, len(asked.brackets), found.size, found.eligible, found.retained, found.so_far, found.sums),
    )
    return found
