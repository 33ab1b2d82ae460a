"""Retention: of the customers of each cohort, how many came back in each later period."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s, Integers
from engagement_cli.native.periods import period_index
from engagement_cli.native.retention import Asked, totals
from engagement_cli.records import Record

Clock = Literal["calendar", "elapsed"]
Criterion = Literal["on", "on_or_after"]
Entry = Literal["recurring", "first_time"]
Bracket = tuple[int, int]


class ClusterSums(Record):
    """Sums over customers for the interval of the pooled mean, int64, shape (groups, brackets).

    y: a customer's cohort memberships whose cell is complete; x: those of them in which the customer was retained.
    `customers` counts those with any y.
    """

    customers: Int64s
    x: Int64s
    y: Int64s
    xx: Int64s
    yy: Int64s
    xy: Int64s


class RetentionCells(Record):
    """Counts of customers, int64: `size` has the shape (groups, cohorts), the others (groups, cohorts, brackets).

    `cohort`: the number of each cohort's period in the bounds. `eligible`: members whose cell ends by `as_of`;
    `retained`: those of them who came back before `as_of`. `retained_so_far`: members who came back in any row read,
    whether or not their cell is complete.
    """

    cohort: Int64s
    size: Int64s
    eligible: Int64s
    retained: Int64s
    retained_so_far: Int64s
    sums: ClusterSums


def cells(
    customer: NDArray[np.uint32],
    time: Int64s,
    kind: NDArray[np.uint32],
    starting: Flags,
    returning: Flags,
    bounds: Int64s,
    *,
    since: int,
    until: int,
    as_of: int,
    brackets: Sequence[Bracket],
    seen: int = LARGEST,
    clock: Clock = "calendar",
    length: int = 0,
    criterion: Criterion = "on",
    entry: Entry = "recurring",
    min_count: int = 1,
    group: Integers | None = None,
    groups: int = 1,
) -> RetentionCells:
    """Count the members of each cohort who came back at least `min_count` times in each bracket of periods.

    Rows are sorted by (customer, time); `starting` and `returning` say of each kind whether it is a start or a return
    event; returns lie before `seen`. `bounds` are the local starts of the periods, in ticks, past the last one needed.
    Cohorts are the periods of the start events in `[since, until)`; `first_time` takes a customer's first start event
    of all rows, if it lies there. A bracket (a, b) holds the periods a to b, from the cohort's period (`calendar`) or
    in steps of `length` ticks from the entry (`elapsed`); period 0 begins with the entry, whose own time counts.
    `on_or_after` counts from the bracket's start on. `group`: a code below `groups` a row; the entry row's counts.

    Raises ValueError for arguments out of range, and where the bounds do not reach far enough.
    """
    first_cohort, end_cohort = _cohort_range(bounds, since, until)
    last_edge = max((last for _, last in brackets), default=0) + 1
    _validate(brackets, min_count, length if clock == "elapsed" else 1, group, groups)
    if end_cohort + (last_edge - 1 if clock == "calendar" else 0) >= len(bounds):
        raise ValueError(f"bounds end before period {end_cohort - 1 + last_edge}, the end of the last cohort's cells")
    # Each sum of squares is at most the square of the number of rows.
    if len(time) > isqrt(LARGEST):
        raise OverflowError("too many cohort memberships for exact sums of squares: measure smaller buckets")
    asked = Asked(
        bounds,
        first_cohort,
        end_cohort - first_cohort,
        since,
        until,
        as_of,
        seen,
        brackets,
        length if clock == "elapsed" else 0,
        criterion == "on_or_after",
        entry == "first_time",
        min_count,
    )
    roles = starting.astype(np.uint8) + 2 * returning.astype(np.uint8)
    of_rows = None if group is None else group.astype(np.int64, copy=False)
    found = totals(customer, time, kind, roles, asked, of_rows, groups)
    cohort = np.arange(first_cohort, end_cohort)
    sums = ClusterSums(*found.sums)
    return RetentionCells(cohort, found.size, found.eligible, found.retained, found.so_far, sums)


def _cohort_range(bounds: Int64s, since: int, until: int) -> tuple[int, int]:
    if len(bounds) == 0 or since >= until or since < int(bounds[0]):
        raise ValueError(f"bounds must begin by since, and since lie before until; got since={since}, until={until}")
    first, last = period_index(np.array([since, until - 1], np.int64), bounds).tolist()
    return first, last + 1


def _validate(brackets: Sequence[Bracket], min_count: int, length: int, group: Integers | None, groups: int) -> None:
    if any(not 0 <= first <= last for first, last in brackets):
        raise ValueError(f"a bracket is (first, last) with 0 <= first <= last, got {list(brackets)}")
    if min_count < 1 or length < 1:
        raise ValueError(f"min_count and length must be at least 1, got {min_count} and {length}")
    if group is not None and len(group) and not 0 <= int(group.min()) <= int(group.max()) < groups:
        raise ValueError(f"group codes must lie in 0 .. {groups - 1}")
