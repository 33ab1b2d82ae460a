"""The aggregate inside a bucket: who contributed how much in which period. Shared by `aggregate` and `ratio`.

Counts are integers; sums are fixed point, value × 10⁶, so that they add up to the same bytes in any order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import same
from engagement_cli.metrics.parts.contributions import Amounts
from engagement_cli.metrics.parts.table_amounts import of_table
from engagement_cli.native.moments import NOBODY
from engagement_cli.settings.metric import Aggregate
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.visits import SessionRule, sessions

SCALE = 1_000_000  # fixed point
ORDER = "order"


def selection_of(aggregate: Aggregate, where: str | None) -> Selection:
    """The rows that an aggregate reads under a metric's own `where:`."""
    return narrowed(aggregate.selection, where)


def needs_of(aggregate: Aggregate, where: str | None, by: tuple[str, ...]) -> Needs:
    """What an aggregate reads."""
    column = aggregate.column
    if aggregate.source != "events":
        return Needs(
            sources=frozenset({aggregate.source}),
            by=by,
            columns=tuple((aggregate.source, name) for name in (column, aggregate.of) if name is not None),
            predicates=tuple((aggregate.source, sql) for sql in (aggregate.where, where) if sql is not None),
        )
    numbers = (column,) if column is not None and aggregate.operation != "distinct" else ()
    things = (column,) if column is not None and aggregate.operation == "distinct" else ()
    if aggregate.count == "orders":
        things = (ORDER,)
    return Needs(selections=(selection_of(aggregate, where),), numbers=numbers, things=things, by=by)


def amounts(bucket: Bucket, aggregate: Aggregate, where: str | None, every: Grain, grouping: Grouping) -> Amounts:
    """The contributions to an aggregate in a bucket."""
    if aggregate.source != "events":
        return of_table(bucket, aggregate, where, every, grouping)
    selection = selection_of(aggregate, where)
    match aggregate.count:
        case "customers":
            found = pairs(bucket, every, selection, grouping)
            return Amounts(found.customer, found.period, found.group)
        case "sessions":
            visits = sessions(bucket, selection, SessionRule(bucket.settings.session_gap)).starting_in_range(bucket)
            return _of_rows(bucket, visits.first, every, grouping, anonymous=False)
        case "rows" | "events":
            return _joined([_ones(bucket, selection, every, grouping, anonymous=a) for a in _whose(bucket, selection)])
        case "orders":
            return _orders(bucket, selection, every, grouping)
    return _valued(bucket, aggregate, selection, every, grouping)


def _whose(bucket: Bucket, selection: Selection) -> tuple[bool, ...]:
    """Whether rows are those of nobody: customers' and, where the selection takes any of them, nobody's."""
    return (False, True) if bucket.of_nobody(selection) else (False,)


def _ones(bucket: Bucket, selection: Selection, every: Grain, grouping: Grouping, *, anonymous: bool) -> Amounts:
    rows = bucket.select(bucket.in_range(bucket.anonymous if anonymous else bucket.rows), selection)
    if anonymous or grouping.columns:
        return _of_rows(bucket, rows, every, grouping, anonymous=anonymous)
    customer, period, count = bucket.counts(rows, every)
    return Amounts(customer, period, same(0, len(period)), count)


def _valued(bucket: Bucket, aggregate: Aggregate, selection: Selection, every: Grain, grouping: Grouping) -> Amounts:
    parts, column = [], str(aggregate.column)
    for anonymous in _whose(bucket, selection):
        rows = bucket.anonymous_valued if anonymous else bucket.valued
        if aggregate.operation == "distinct":
            chosen = bucket.select(bucket.in_range(rows.with_thing(column)), selection)
            parts.append(_of_rows(bucket, chosen, every, grouping, anonymous=anonymous, thing=chosen.things[column]))
        else:
            chosen = bucket.select(bucket.in_range(rows.with_number(column)), selection)
            amount = np.abs(chosen.numbers[column]) if aggregate.absolute else chosen.numbers[column]
            parts.append(_of_rows(bucket, chosen, every, grouping, amount, anonymous=anonymous))
    return _joined(parts)


def _orders(bucket: Bucket, selection: Selection, every: Grain, grouping: Grouping) -> Amounts:
    """Orders: distinct order ids where the export has them, else every selected event is one."""
    parts = []
    for anonymous in _whose(bucket, selection):
        valued = bucket.anonymous_valued if anonymous else bucket.valued
        if ORDER not in valued.things:
            parts.append(_ones(bucket, selection, every, grouping, anonymous=anonymous))
            continue
        chosen = bucket.select(bucket.in_range(valued.with_thing(ORDER)), selection)
        parts.append(_of_rows(bucket, chosen, every, grouping, anonymous=anonymous, thing=chosen.things[ORDER]))
    return _joined(parts)


def _of_rows(
    bucket: Bucket,
    rows: Rows,
    every: Grain,
    grouping: Grouping,
    amount: NDArray[np.int64] | None = None,
    *,
    anonymous: bool,
    thing: NDArray[np.uint64] | None = None,
) -> Amounts:
    period = bucket.period(rows, every)
    customer = np.full(len(rows), NOBODY, np.uint32) if anonymous else rows.customer
    table = bucket.clock.periods(every)
    group = grouping.rows_of_nobody(rows) if anonymous else grouping.rows_in(rows, table, period)
    return Amounts(customer, period, group, amount, thing)


def _joined(parts: list[Amounts]) -> Amounts:
    parts = [part for part in parts if len(part.period)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    amounts = None if all(part.amount is None for part in parts) else [part.amounts for part in parts]
    things = [part.thing for part in parts if part.thing is not None]
    return Amounts(
        np.concatenate([part.customer for part in parts]),
        np.concatenate([part.period for part in parts]),
        np.concatenate([part.group for part in parts]),
        None if amounts is None else np.concatenate(amounts),
        np.concatenate(things) if things else None,
    )
