"""Retention: of the customers of each cohort, how many came back in each later period."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isqrt
from typing import Literal

import numpy as np

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s, Integers
from engagement_cli.kernels.period_bounds import period_index
from engagement_cli.kernels.retention_entries import Clock, Entries, Entry, begin_of, enter
from engagement_cli.kernels.retention_returns import (
    Returns,
    count_before,
    count_through,
    counter_of_periods,
    prepare_returns,
)
from engagement_cli.kernels.runs import starts

Criterion = Literal["on", "on_or_after"]
Bracket = tuple[int, int]


@dataclass(frozen=True)
class ClusterSums:
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


@dataclass(frozen=True)
class RetentionCells:
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


def each_interval(intervals: int) -> list[Bracket]:
    """The brackets that hold one period each: 0 .. intervals - 1."""
    return [(offset, offset) for offset in range(intervals)]


def cells(
    customer: Integers,
    time: Int64s,
    start: Flags,
    returned: Flags,
    bounds: Int64s,
    *,
    since: int,
    until: int,
    as_of: int,
    brackets: Sequence[Bracket],
    clock: Clock = "calendar",
    length: int = 0,
    criterion: Criterion = "on",
    entry: Entry = "recurring",
    min_count: int = 1,
    group: Integers | None = None,
    groups: int = 1,
    index: Callable[[Int64s], Integers] | None = None,
) -> RetentionCells:
    """Count the members of each cohort who came back at least `min_count` times in each bracket of periods.

    Rows are sorted by (customer, time); `start` and `returned` flag the start and return events. `bounds` are the local
    starts of the periods, in ticks, past the last one needed. Cohorts are the periods of the start events in
    `[since, until)`; `first_time` takes a customer's first start event of all rows, if it lies there. A bracket (a, b)
    holds the periods a to b, from the cohort's period (`calendar`) or in steps of `length` ticks from the entry
    (`elapsed`); period 0 begins with the entry, whose own time counts. `on_or_after` counts from the bracket's start
    on. `group`: a code below `groups` a row; the entry row's counts. `index`: the period of each instant by the bounds,
    where the caller knows a faster way than the general one.

    Raises ValueError for arguments out of range, and where the bounds do not reach far enough.
    """
    first_cohort, end_cohort = _cohort_range(bounds, since, until)
    last_edge = max((last for _, last in brackets), default=0) + 1
    _validate(brackets, min_count, length if clock == "elapsed" else 1, group, groups)
    if clock == "calendar" and end_cohort - 1 + last_edge >= len(bounds):
        raise ValueError(f"bounds end before period {end_cohort - 1 + last_edge}, the end of the last cohort's cells")
    in_period = partial(period_index, bounds=bounds) if index is None else index
    entries = enter(customer, time, start, in_period, since, until, entry=entry, group=group)
    rows = np.flatnonzero(returned)
    asked = range(first_cohort, end_cohort + last_edge) if clock == "calendar" else None
    customers = int(customer[-1]) + 1 if len(customer) else 0
    returns = prepare_returns(customer[rows], time[rows], customers, bounds, asked, in_period)

    member = entries.group * (end_cohort - first_cohort) + (entries.period - first_cohort)
    clusters = _clusters(entries)
    shape = (groups, end_cohort - first_cohort)
    eligible, retained, so_far = np.zeros((3, *shape, len(brackets)), np.int64)
    sums = np.zeros((6, groups, len(brackets)), np.int64)
    outcomes = _outcomes(entries, returns, bounds, brackets, clock, length, criterion, min_count, as_of)
    for number, (complete, by_then, came) in enumerate(outcomes):
        # One count for all three; who was retained by then also came, and in a complete cell.
        fared = complete + 2 * by_then.view(np.uint8) + 4 * came.view(np.uint8)
        ways = np.bincount(8 * member + fared, minlength=8 * shape[0] * shape[1]).reshape(*shape, 8)
        eligible[:, :, number] = ways[:, :, 1::2].sum(axis=2)
        retained[:, :, number] = ways[:, :, 7]
        so_far[:, :, number] = ways[:, :, 4:].sum(axis=2)
        _add_cluster_sums(sums[:, :, number], clusters, eligible=complete, retained=by_then)
    size = np.bincount(member, minlength=shape[0] * shape[1]).reshape(shape)
    cohort = np.arange(first_cohort, end_cohort)
    return RetentionCells(cohort, size, eligible, retained, so_far, ClusterSums(*sums))


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


def _outcomes(
    entries: Entries,
    returns: Returns,
    bounds: Int64s,
    brackets: Sequence[Bracket],
    clock: Clock,
    length: int,
    criterion: Criterion,
    min_count: int,
    as_of: int,
) -> Iterator[tuple[Flags, Flags, Flags]]:
    """For each bracket, of every entry: is its cell complete, retained by then, retained in any row read."""
    of_period = counter_of_periods(returns, entries.customer, entries.period)
    last_complete = int(period_index(np.array([as_of], np.int64), bounds)[0])

    # Brackets mostly meet and go forward: the edge last asked for is asked again, or is near the next.
    latest: tuple[int, Integers] = (0, count_before(returns, entries.customer, entries.time))

    def before(offset: int) -> Integers:
        """Return rows before the period of this offset."""
        nonlocal latest
        known_offset, known = latest
        if offset != known_offset:
            if offset and clock == "calendar":
                latest = offset, of_period(offset)
            else:
                at_least = known if offset > known_offset else None
                latest = offset, count_before(returns, entries.customer, begin_of(entries, offset, length), at_least)
        return latest[1]

    def is_complete(offset: int) -> Flags:
        """Does the period of this offset begin by `as_of`?"""
        if clock == "calendar":
            return np.asarray(entries.period + offset <= last_complete, np.bool_)
        return np.asarray(begin_of(entries, offset, length) <= as_of, np.bool_)

    if criterion == "on_or_after":
        to_last = count_through(returns, entries.customer)
        to_as_of = count_before(returns, entries.customer, np.full(len(entries.time), as_of, np.int64))
    for first, last in brackets:
        eligible = is_complete(last + 1)
        begin = before(first)
        if criterion == "on":
            came = before(last + 1) - begin >= min_count
            yield eligible, eligible & came, came
        else:
            came = to_last - begin >= min_count
            yield eligible, eligible & (to_as_of - begin >= min_count), came


@dataclass(frozen=True)
class _Clusters:
    """Entries by (group, customer): their order (None: as they are), where each customer begins, and its group."""

    order: Int64s | None
    begins: Int64s
    group: Int64s


def _clusters(entries: Entries) -> _Clusters:
    # Each sum below is at most the square of the number of entries.
    if len(entries.time) > isqrt(LARGEST):
        raise OverflowError("too many cohort memberships for exact sums of squares: measure smaller buckets")
    if not entries.group.any():
        begins = starts(entries.customer)
        return _Clusters(None, begins, np.zeros(len(begins), np.int64))
    order = np.lexsort((entries.customer, entries.group))
    begins = starts(entries.group[order], entries.customer[order])
    return _Clusters(order, begins, entries.group[order][begins])


def _add_cluster_sums(sums: Int64s, clusters: _Clusters, *, eligible: Flags, retained: Flags) -> None:
    """Add the number of customers and their Σx, Σy, Σx², Σy², Σxy to `sums`, shape (6, groups)."""
    if len(clusters.begins) == 0:
        return
    x, y = (
        np.add.reduceat(flags if clusters.order is None else flags[clusters.order], clusters.begins, dtype=np.int64)
        for flags in (retained, eligible)
    )
    for total, values in zip(sums, (y > 0, x, y, x * x, y * y, x * y), strict=True):
        np.add.at(total, clusters.group, values)
