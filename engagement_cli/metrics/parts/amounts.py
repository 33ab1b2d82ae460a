"""The aggregate inside a bucket: who contributed how much in which period. Shared by `aggregate` and `ratio`.

Counts are integers; sums are fixed point, value × 10⁶, so that they add up to the same bytes in any order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.customer_tables import passing
from engagement_cli.metrics.parts.last_known import last_known
from engagement_cli.metrics.parts.table_columns import fixed_point, refuse_unknown_columns
from engagement_cli.native.distinct import distinct_in_runs
from engagement_cli.native.moments import NOBODY, Side
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
ORDER = "order"
_GROUP = "\x1fgroup"  # of the audience's rows; no column of an export can be called so
_HAPPENS = {"surveys": "time", "subscriptions": "started", "audience": "time"}  # the column that says when


@dataclass(frozen=True)
class Amounts:
    """One row a contribution: the customer's code (`NOBODY` for rows without one), period, group, integer amount.

    Without `amount` each row adds one. `thing` is the hash of what is counted once (an order, a distinct value), where
    there is one; `new` says of a last known value that it is of the period itself.
    """

    customer: NDArray[np.uint32]
    period: NDArray[np.int32]
    group: Codes
    amount: NDArray[np.int64] | None = None
    thing: NDArray[np.uint64] | None = None
    new: NDArray[np.bool_] | None = None

    def side(self, grouping: Grouping) -> Side:
        """What customers add up to: each thing of a customer once a period and group, those of nobody left out."""
        group = self.group if grouping.columns else None
        if self.thing is None:
            return Side(self.customer, self.period, group, self.amount)
        known = np.flatnonzero(self.customer != NOBODY)
        thing = self.thing[known].view(np.int64)
        rows = Side(self.customer[known], self.period[known], None if group is None else group[known], thing).sorted()
        at = starts(*(key for key in (rows.customer, rows.period, rows.group) if key is not None))
        count = distinct_in_runs(np.asarray(rows.amount).view(np.uint64), at)
        return Side(rows.customer[at], rows.period[at], None if rows.group is None else rows.group[at], count)

    @property
    def amounts(self) -> NDArray[np.int64]:
        """What each row adds."""
        return np.ones(len(self.period), np.int64) if self.amount is None else self.amount


_NOTHING = Amounts(np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.int64))


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
            return Amounts(found.customer, found.period, found.group)
        case "sessions":
            visits = sessions(bucket, selection, SessionRule(bucket.settings.session_gap)).starting_in_range(bucket)
            return _of_rows(bucket, visits.first, every, grouping, anonymous=False)
        case "rows" | "events":
            return _joined([_ones(bucket, selection, every, grouping, anonymous=a) for a in (False, True)])
        case "orders":
            return _orders(bucket, selection, every, grouping)
    return _valued(bucket, aggregate, selection, every, grouping)


def _ones(bucket: Bucket, selection: Selection, every: Grain, grouping: Grouping, *, anonymous: bool) -> Amounts:
    rows = bucket.in_range(bucket.anonymous if anonymous else bucket.rows)
    return _of_rows(bucket, bucket.select(rows, selection), every, grouping, anonymous=anonymous)


def _valued(bucket: Bucket, aggregate: Aggregate, selection: Selection, every: Grain, grouping: Grouping) -> Amounts:
    parts = []
    for rows, anonymous in ((bucket.valued, False), (bucket.anonymous_valued, True)):
        chosen = bucket.select(bucket.in_range(rows), selection)
        column = str(aggregate.column)
        if aggregate.operation == "distinct":
            chosen = chosen.take(chosen.things[column] != 0)
            parts.append(_of_rows(bucket, chosen, every, grouping, anonymous=anonymous, thing=chosen.things[column]))
        else:
            chosen = chosen.take(chosen.numbers[column] != NO_NUMBER)
            amount = np.abs(chosen.numbers[column]) if aggregate.absolute else chosen.numbers[column]
            parts.append(_of_rows(bucket, chosen, every, grouping, amount, anonymous=anonymous))
    return _joined(parts)


def _orders(bucket: Bucket, selection: Selection, every: Grain, grouping: Grouping) -> Amounts:
    """Orders: distinct order ids where the export has them, else every selected event is one."""
    parts = []
    for valued, anonymous in ((bucket.valued, False), (bucket.anonymous_valued, True)):
        if ORDER not in valued.things:
            parts.append(_ones(bucket, selection, every, grouping, anonymous=anonymous))
            continue
        chosen = bucket.select(bucket.in_range(valued), selection)
        chosen = chosen.take(chosen.things[ORDER] != 0)
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
    if not grouping.columns:
        return Amounts(customer, period, np.broadcast_to(np.int64(0), len(rows)), amount, thing)
    bounds = bucket.clock.periods(every).bounds
    at = bounds[np.clip(period, 0, len(bounds) - 2)]
    group = grouping.rows_of_nobody(rows) if anonymous else grouping.rows(rows, at)
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
    if not table.height:
        return _NOTHING
    if aggregate.operation == "last":
        return _last(clock, table, aggregate, every)
    when = _HAPPENS.get(aggregate.source)
    if when is not None:
        table = table.filter((pl.col(when) >= clock.since) & (pl.col(when) < clock.until))
    if column is not None:
        table = table.filter(pl.col(column).is_not_null())
    time = table[when].to_numpy() if when is not None else np.full(table.height, clock.since, np.int64)
    period = clock.periods(every).index(time)
    nobody = np.full(table.height, NOBODY, np.uint32)
    customer = table[CODE].cast(pl.UInt32).fill_null(NOBODY).to_numpy() if CODE in table.columns else nobody
    group = _groups(bucket, aggregate.source, table, customer, clock.periods(every).bounds, period, grouping)
    thing = amount = None
    if aggregate.operation == "distinct" and column is not None:
        thing = table[column].cast(pl.String).hash().to_numpy()
    elif column is not None:
        amount = fixed_point(table, aggregate.source, column)
        amount = np.abs(amount) if aggregate.absolute else amount
    found = Amounts(customer, period, group, amount, thing)
    if aggregate.count != "customers":
        return found
    keep = customer != NOBODY
    rows = Side(customer[keep], period[keep], group[keep]).sorted()
    customer, period, group = rows.customer, rows.period, np.asarray(rows.group)
    at = starts(customer, period, group)
    return Amounts(customer[at], period[at], group[at])


def _groups(
    bucket: Bucket,
    source: str,
    table: pl.DataFrame,
    customer: NDArray[np.uint32],
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
    known = np.where(customer == NOBODY, np.uint32(0), customer)
    return np.where(customer == NOBODY, 0, grouping.customers(known, at))


def _last(clock: Clock, table: pl.DataFrame, aggregate: Aggregate, every: Grain) -> Amounts:
    """What each account is known to have in each period, one row an account; none for one that nothing is known of."""
    source, column = aggregate.source, str(aggregate.column)
    table = table.filter(pl.col(column).is_not_null())
    values = pl.Series(fixed_point(table, source, column))
    stocks = table.select("time", owner=aggregate.owner, group=_GROUP, value=values)
    known = last_known(clock, every, stocks, at_start=aggregate.at == "start")
    period, group, amount, new = (known[name].to_numpy() for name in ("period", "group", "value", "new"))
    return Amounts(np.full(known.height, NOBODY, np.uint32), period, group, amount, new=new)
