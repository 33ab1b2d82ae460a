"""The aggregate of another source than events inside a bucket: what its rows contribute."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import same
from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.contributions import NOTHING, Amounts
from engagement_cli.metrics.parts.customer_tables import passing
from engagement_cli.metrics.parts.last_known import last_known
from engagement_cli.metrics.parts.table_columns import fixed_point, refuse_unknown_columns
from engagement_cli.native.moments import NOBODY, Side
from engagement_cli.settings.metric import Aggregate
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.periods import Periods
from engagement_cli.timeline.segments import AUDIENCE, PROFILES
from engagement_cli.timeline.series import whole
from engagement_cli.timeline.weights import report_end

_GROUP = "\x1fgroup"  # of the audience's rows; no column of an export can be called so
_HAPPENS = {"surveys": "time", "subscriptions": "started", "audience": "time"}  # the column that says when


def of_table(bucket: Bucket, aggregate: Aggregate, where: str | None, every: Grain, grouping: Grouping) -> Amounts:
    """Contributions of another source's rows; a source without a time column has them all in the first period."""
    table = bucket.tables[aggregate.source]
    clock, column = bucket.clock, aggregate.column
    refuse_unknown_columns(table, aggregate, where)
    if not table.height:
        return NOTHING
    if aggregate.source == AUDIENCE:
        place = np.arange(table.height, dtype=np.int64)
        table = table.with_columns(pl.Series(_GROUP, grouping.rows_of_audience(place), dtype=pl.Int64))
    for predicate in (aggregate.where, where):
        table = passing(table, aggregate.source, predicate, clock)
    if not table.height:
        return NOTHING
    if aggregate.operation == "last":
        return _last(clock, table, aggregate, every)
    when = _HAPPENS.get(aggregate.source)
    if when is not None:
        table = table.filter((pl.col(when) >= clock.since) & (pl.col(when) < clock.until))
    if column is not None and table[column].null_count():
        table = table.filter(pl.col(column).is_not_null())
    time = table[when].to_numpy() if when is not None else np.full(table.height, clock.since, np.int64)
    period = clock.periods(every).index(time)
    customer = np.full(table.height, NOBODY, np.uint32)
    if CODE in table.columns:
        customer = whole(table[CODE], NOBODY).astype(np.uint32)
    group = _groups(bucket, aggregate.source, table, customer, clock.periods(every), period, grouping)
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
    periods: Periods,
    period: NDArray[np.int32],
    grouping: Grouping,
) -> Codes:
    """The group of each row: of the audience its own, of others the customer's at its period's start."""
    if source == AUDIENCE:
        return table[_GROUP].to_numpy()
    if not grouping.columns:
        return same(0, table.height)
    known = np.where(customer == NOBODY, np.uint32(0), customer)
    if source == PROFILES:  # the customer table is as of the report's end, and so are its segments
        group = grouping.customers(known, np.full(len(customer), report_end(bucket.clock)))
    else:
        group = grouping.customers_in(known, periods, period)
    return np.where(customer == NOBODY, 0, group)


def _last(clock: Clock, table: pl.DataFrame, aggregate: Aggregate, every: Grain) -> Amounts:
    """What each account is known to have in each period, one row an account; none for one that nothing is known of."""
    source, column = aggregate.source, str(aggregate.column)
    table = table.filter(pl.col(column).is_not_null())
    values = pl.Series(fixed_point(table, source, column))
    stocks = table.select("time", owner=aggregate.owner, group=_GROUP, value=values)
    known = last_known(clock, every, stocks, at_start=aggregate.at == "start")
    period, group, amount, new = (known[name].to_numpy() for name in ("period", "group", "value", "new"))
    return Amounts(np.full(known.height, NOBODY, np.uint32), period, group, amount, new=new)
