"""Purchases inside a bucket: which rows are purchases, which orders, and each customer's days of purchase.

Money is fixed point, value × 10⁶. Rows of nobody are left out: a lifetime value is a customer's.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.decimals import decimals
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.parts.amounts import ORDER
from engagement_cli.native.order import order_of_all
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.rows import Rows

DAY = Grain("day")


def purchases(bucket: Bucket, selection: Selection, value: str) -> Rows:
    """The selected rows of customers in range that have a value, sorted by customer and time."""
    return bucket.select(bucket.in_range(bucket.valued.with_number(value)), selection)


def order_count(rows: Rows, period: NDArray[np.int32], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """1 on one row of each order, period and group, 0 on its others; rows without an order id are an order each."""
    if ORDER not in rows.things:
        return np.ones(len(rows), np.int64)
    thing = rows.things[ORDER]
    order = order_of_all(rows.customer, period, group, thing)
    first = np.zeros(len(rows), np.int64)
    first[order[starts(rows.customer[order], period[order], group[order], thing[order])]] = 1
    return np.where(thing == 0, 1, first)


class Buyers(Record):
    """One entry a customer with a purchase: code, distinct purchase days − 1, days, and money (fixed point).

    `recency` and `age` are local days from the first purchase day to the last one, and to the last included day.
    `later` is what was spent after the first purchase day; `first` holds each customer's first purchase.
    """

    first: Rows
    frequency: NDArray[np.int64]
    recency: NDArray[np.int64]
    age: NDArray[np.int64]
    revenue: NDArray[np.int64]
    later: NDArray[np.int64]

    def frame(self) -> pl.DataFrame:
        """Columns code, frequency, recency, T (days), revenue, monetary_value (null without a later purchase day)."""
        later = decimals(pl.Series(self.later / np.maximum(self.frequency, 1)))
        return pl.DataFrame(
            {"code": self.first.customer, "frequency": self.frequency, "recency": self.recency, "T": self.age}
        ).with_columns(
            revenue=decimals(pl.Series(self.revenue)),
            monetary_value=pl.when(pl.col("frequency") > 0).then(later),
        )


def buyers(bucket: Bucket, selection: Selection, value: str) -> Buyers:
    """The customers with a purchase in range and before `as_of`: same-day purchases are one, days are local days."""
    clock = bucket.clock
    rows = purchases(bucket, selection, value)
    rows = rows.take(rows.time < clock.as_of)
    day = bucket.period(rows, DAY).astype(np.int64)
    last_included = int(clock.periods(DAY).at(clock.as_of - 1))
    days_at = starts(rows.customer, day)
    spent = np.add.reduceat(rows.numbers[value], days_at) if len(days_at) else np.zeros(0, np.int64)
    day = day[days_at]
    at = starts(rows.customer[days_at])
    days = lengths(at, len(days_at))
    revenue = np.add.reduceat(spent, at) if len(at) else np.zeros(0, np.int64)
    return Buyers(
        first=rows.take(days_at[at]),
        frequency=days - 1,
        recency=day[at + days - 1] - day[at],
        age=last_included - day[at],
        revenue=revenue,
        later=revenue - spent[at],
    )
