"""Retention: of the customers of each cohort, how many came back in each later period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Literal

import numpy as np

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s, Integers
from engagement_cli.kernels.period_bounds import period_index
from engagement_cli.kernels.retention_entries import Clock, Entries, Entry, edge_instants, enter
from engagement_cli.kernels.retention_returns import (
    Returns,
    count_before,
    count_before_bound,
    count_through,
    prepare_returns,
)
from engagement_cli.kernels.runs import starts

Criterion = Literal["on", "on_or_after"]
Bracket = tuple[int, int]


@dataclass(frozen=True)
class ClusterSums:
    """Sums over customers for the interval of the pooled mean, int64, shape (groups, brackets).

    y: a customer's cohort memberships whose cell is complete; x: those of them in which the customer was retained.
    """

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
) -> RetentionCells:
    """Count the members of each cohort who came back at least `min_count` times in each bracket of periods.

    Rows are sorted by (customer, time); `start` and `returned` flag the start and return events. `bounds` are the local
    starts of the periods, in ticks, past the last one needed. Cohorts are the periods of the start events in
    `[since, until)`; `first_time` takes a customer's first start event of all rows, if it lies there. A bracket (a, b)
    holds the periods a to b, from the cohort's period (`calendar`) or in steps of `length` ticks from the entry
    (`elapsed`); period 0 begins with the entry, whose own time counts. `on_or_after` counts from the bracket's start
    on. `group`: a code below `groups` a row; the entry row's counts.

    Raises ValueError for arguments out of range, and where the bounds do not reach far enough.
    """
    first_cohort, end_cohort = _cohort_range(bounds, since, until)
    last_edge = max(last for _, last in brackets) + 1
    _validate(brackets, min_count, length if clock == "elapsed" else 1, group, groups)
    if clock == "calendar" and end_cohort - 1 + last_edge >= len(bounds):
        raise ValueError(f"bounds end before period {end_cohort - 1 + last_edge}, the end of the last cohort's cells")
    entries = enter(customer, time, start, bounds, since, until, entry=entry, group=group)
    rows = np.flatnonzero(returned)
    asked = range(first_cohort, end_cohort + last_edge) if clock == "calendar" else None
    customers = int(customer[-1]) + 1 if len(customer) else 0
    returns = prepare_returns(customer[rows], time[rows], customers, bounds, asked)

    member = entries.group * (end_cohort - first_cohort) + (entries.period - first_cohort)
    clusters = _clusters(entries)
    shape = (groups, end_cohort - first_cohort)
    tables = np.zeros((3, *shape, len(brackets)), np.int64)
    sums = np.zeros((5, groups, len(brackets)), np.int64)
    outcomes = _outcomes(entries, returns, bounds, brackets, clock, length, criterion, min_count, as_of)
    for number, flags in enumerate(outcomes):
        for table, counted in zip(tables, flags, strict=True):
            table[:, :, number] = np.bincount(member[counted], minlength=shape[0] * shape[1]).reshape(shape)
        _add_cluster_sums(sums[:, :, number], clusters, eligible=flags[0], retained=flags[1])
    size = np.bincount(member, minlength=shape[0] * shape[1]).reshape(shape)
    eligible, retained, so_far = tables
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
    seen: dict[int, Int64s] = {}

    def before(offset: int) -> Int64s:
        """Return rows before the period of this offset; shared by the brackets that meet there."""
        if offset not in seen:
            if offset and clock == "calendar":
                seen[offset] = count_before_bound(returns, entries.customer, entries.period + offset)
            else:
                instants = edge_instants(entries, bounds, offset, clock, length)
                seen[offset] = count_before(returns, entries.customer, instants)
        return seen[offset]

    if criterion == "on_or_after":
        to_last = count_through(returns, entries.customer)
        to_as_of = count_before(returns, entries.customer, np.full(len(entries.time), as_of, np.int64))
    for first, last in brackets:
        eligible = edge_instants(entries, bounds, last + 1, clock, length) <= as_of
        if criterion == "on":
            came = before(last + 1) - before(first) >= min_count
            yield eligible, eligible & came, came
        else:
            came = to_last - before(first) >= min_count
            yield eligible, eligible & (to_as_of - before(first) >= min_count), came


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
    """Add Σx, Σy, Σx², Σy², Σxy of the customers to `sums`, shape (5, groups)."""
    if len(clusters.begins) == 0:
        return
    x, y = (
        np.add.reduceat(flags if clusters.order is None else flags[clusters.order], clusters.begins, dtype=np.int64)
        for flags in (retained, eligible)
    )
    for total, values in zip(sums, (x, y, x * x, y * y, x * y), strict=True):
        np.add.at(total, clusters.group, values)
