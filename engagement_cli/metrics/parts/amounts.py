"""The aggregate inside a bucket: who contributed how much in which period. Shared by `aggregate` and `ratio`.

Counts are integers; sums are fixed point, value × 10⁶, so that they add up to the same bytes in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.parts.customer_tables import passing
from engagement_cli.metrics.parts.last_known import last_known
from engagement_cli.metrics.parts.table_columns import fixed_point, refuse_unknown_columns
from engagement_cli.settings.metric import Aggregate
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.segments import AUDIENCE, PROFILES
from engagement_cli.timeline.spread import NO_NUMBER
from engagement_cli.timeline.visits import SessionRule, sessions
from engagement_cli.timeline.weights import report_end

SCALE = 1_000_000  # fixed point
NOBODY = -1
ORDER = "order"
_GROUP = "\x1fgroup"  # of the audience's rows; no column of an export can be called so
_HAPPENS = {"surveys": "time", "subscriptions": "started", "audience": "time"}  # the column that says when


@dataclass(frozen=True)
class Amounts:
    """One row a contribution: the customer's code (`NOBODY` for rows without one), period, group, integer amount.

    `thing` is the hash of what is counted once (an order, a distinct value), where there is one; `new` says of a last
    known value that it is of the period itself.
    """

    customer: NDArray[np.int64]
    period: NDArray[np.int32]
    group: Codes
    amount: NDArray[np.int64]
    thing: NDArray[np.uint64] | None = None
    new: NDArray[np.bool_] | None = None


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
        return _of_table(bucket, aggregate, where, every, grouping)
    selection = selection_of(aggregate, where)
    match aggregate.count:
        case "customers":
            found = pairs(bucket, every, selection, grouping)
            return Amounts(
                found.customer.astype(np.int64), found.period, found.group, np.ones(len(found.customer), np.int64)
            )
        case "sessions":
            visits = sessions(bucket, selection, SessionRule(bucket.settings.session_gap)).starting_in_range(bucket)
            return _of_rows(
                bucket, visits.first, every, grouping, np.ones(len(visits.first), np.int64), anonymous=False
            )
        case "rows" | "events":
            parts = [(bucket.rows, False), (bucket.anonymous, True)]
            return _joined([_ones(bucket, r, selection, every, grouping, anonymous=a) for r, a in parts])
        case "orders":
            return _orders(bucket, selection, every, grouping)
    return _valued(bucket, aggregate, selection, every, grouping)


def _ones(
    bucket: Bucket, rows: Rows, selection: Selection, every: Grain, grouping: Grouping, *, anonymous: bool
) -> Amounts:
    chosen = bucket.select(bucket.in_range(rows), selection)
    found = _of_rows(bucket, chosen, every, grouping, None, anonymous=anonymous)
    if anonymous or grouping.of_events or not len(chosen):
        return found
    # A customer's rows of one period and group lie together: their number stands for them.
    at = starts(found.customer, found.period, found.group)
    return Amounts(found.customer[at], found.period[at], found.group[at], lengths(at, len(chosen)))


def _valued(bucket: Bucket, aggregate: Aggregate, selection: Selection, every: Grain, grouping: Grouping) -> Amounts:
    parts = []
    for rows, anonymous in ((bucket.valued, False), (bucket.anonymous_valued, True)):
        chosen = bucket.select(bucket.in_range(rows), selection)
        column = str(aggregate.column)
        if aggregate.operation == "distinct":
            chosen = chosen.take(chosen.things[column] != 0)
            ones, thing = np.ones(len(chosen), np.int64), chosen.things[column]
            parts.append(_of_rows(bucket, chosen, every, grouping, ones, anonymous=anonymous, thing=thing))
        else:
            chosen = chosen.take(chosen.numbers[column] != NO_NUMBER)
            amount = np.abs(chosen.numbers[column]) if aggregate.absolute else chosen.numbers[column]
            parts.append(_of_rows(bucket, chosen, every, grouping, amount, anonymous=anonymous))
    return _joined(parts)


def _orders(bucket: Bucket, selection: Selection, every: Grain, grouping: Grouping) -> Amounts:
    """Orders: distinct order ids where the export has them, else every selected event is one."""
    parts = []
    for rows, valued, anonymous in (
        (bucket.rows, bucket.valued, False),
        (bucket.anonymous, bucket.anonymous_valued, True),
    ):
        if ORDER not in valued.things:
            parts.append(_ones(bucket, rows, selection, every, grouping, anonymous=anonymous))
            continue
        chosen = bucket.select(bucket.in_range(valued), selection)
        thing = chosen.things[ORDER]
        parts.append(
            _of_rows(
                bucket, chosen.take(thing != 0), every, grouping, None, anonymous=anonymous, thing=thing[thing != 0]
            )
        )
    return _joined(parts)


def _of_rows(
    bucket: Bucket,
    rows: Rows,
    every: Grain,
    grouping: Grouping,
    amount: NDArray[np.int64] | None,
    *,
    anonymous: bool,
    thing: NDArray[np.uint64] | None = None,
) -> Amounts:
    period = bucket.period(rows, every)
    bounds = bucket.clock.periods(every).bounds
    at = bounds[np.clip(period, 0, len(bounds) - 2)]
    group = grouping.rows_of_nobody(rows) if anonymous else grouping.rows(rows, at)
    customer = np.full(len(rows), NOBODY, np.int64) if anonymous else rows.customer.astype(np.int64)
    return Amounts(customer, period, group, np.ones(len(rows), np.int64) if amount is None else amount, thing)


def _joined(parts: list[Amounts]) -> Amounts:
    parts = [part for part in parts if len(part.period)] or parts[:1]
    if len(parts) == 1:
        return parts[0]
    things = [part.thing for part in parts if part.thing is not None]
    return Amounts(
        np.concatenate([part.customer for part in parts]),
        np.concatenate([part.period for part in parts]),
        np.concatenate([part.group for part in parts]),
        np.concatenate([part.amount for part in parts]),
        np.concatenate(things) if things else None,
    )


def _of_table(bucket: Bucket, aggregate: Aggregate, where: str | None, every: Grain, grouping: Grouping) -> Amounts:
    """Contributions of another source's rows; a source without a time column has them all in the first period."""
    table = bucket.tables[aggregate.source]
    clock, column = bucket.clock, aggregate.column
    refuse_unknown_columns(table, aggregate, where, clock)
    if aggregate.source == AUDIENCE:
        place = np.arange(table.height, dtype=np.int64)
        table = table.with_columns(pl.Series(_GROUP, grouping.rows_of_audience(place), dtype=pl.Int64))
    for predicate in (aggregate.where, where):
        table = passing(table, aggregate.source, predicate, clock)
    if aggregate.operation == "last":
        return _last(clock, table, aggregate, every)
    when = _HAPPENS.get(aggregate.source)
    if when is not None:
        table = table.filter((pl.col(when) >= clock.since) & (pl.col(when) < clock.until))
    if column is not None:
        table = table.filter(pl.col(column).is_not_null())
    time = table[when].to_numpy() if when is not None else np.full(table.height, clock.since, np.int64)
    period = clock.periods(every).index(time)
    has_code = CODE in table.columns
    codes = table[CODE].cast(pl.Int64).fill_null(NOBODY) if has_code else pl.repeat(NOBODY, table.height, eager=True)
    customer = codes.cast(pl.Int64).to_numpy()
    group = _groups(bucket, aggregate.source, table, customer, clock.periods(every).bounds, period, grouping)
    thing = None
    amount = np.ones(table.height, np.int64)
    if aggregate.operation == "distinct" and column is not None:
        thing = table[column].cast(pl.String).hash().to_numpy()
    elif column is not None:
        amount = fixed_point(table, aggregate.source, column)
        amount = np.abs(amount) if aggregate.absolute else amount
    found = Amounts(customer, period, group, amount, thing)
    if aggregate.count != "customers":
        return found
    keep = customer != NOBODY
    order = np.lexsort((group[keep], period[keep], customer[keep]))
    sorted_keys = [a[keep][order] for a in (customer, period, group)]
    at = starts(*sorted_keys)
    customer, period, group = (a[at] for a in sorted_keys)
    return Amounts(customer, period.astype(np.int32), group, np.ones(len(at), np.int64))


def _groups(
    bucket: Bucket,
    source: str,
    table: pl.DataFrame,
    customer: NDArray[np.int64],
    bounds: NDArray[np.int64],
    period: NDArray[np.int32],
    grouping: Grouping,
) -> Codes:
    """The group of each row: of the audience its own, of others the customer's at its period's start."""
    if source == AUDIENCE:
        return table[_GROUP].to_numpy()
    if not grouping.columns:
        return np.zeros(table.height, np.int64)
    at = bounds[np.clip(period, 0, len(bounds) - 2)]
    if source == PROFILES:  # the customer table is as of the report's end, and so are its segments
        at = np.full(len(customer), report_end(bucket.clock))
    known = np.where(customer == NOBODY, 0, customer).astype(np.uint32)
    return np.where(customer == NOBODY, 0, grouping.customers(known, at))


def _last(clock: Clock, table: pl.DataFrame, aggregate: Aggregate, every: Grain) -> Amounts:
    """What each account is known to have in each period, one row an account; none for one that nothing is known of."""
    source, column = aggregate.source, str(aggregate.column)
    table = table.filter(pl.col(column).is_not_null())
    values = pl.Series(fixed_point(table, source, column))
    stocks = table.select("time", owner=aggregate.owner, group=_GROUP, value=values)
    known = last_known(clock, every, stocks, at_start=aggregate.at == "start")
    period, group, amount, new = (known[name].to_numpy() for name in ("period", "group", "value", "new"))
    return Amounts(np.full(known.height, NOBODY, np.int64), period, group, amount, new=new)
