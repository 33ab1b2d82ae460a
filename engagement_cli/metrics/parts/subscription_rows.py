"""A bucket's subscriptions as arrays, by customer: made once, read by every measure of subscriptions."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s
from engagement_cli.metrics.parts.customer_tables import rows_of
from engagement_cli.records import Record
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.series import whole

_NEVER = -LARGEST


class Subscriptions(Record):
    """The rows of customers, sorted by customer; instants in ticks.

    `ended` is `LARGEST` where a row runs on; `paid_from` is the end of the trial, or the start where there is none;
    `mrr` (fixed point × 10⁶ a month) is 0 where it is not `known`. `row` is the place in the table.
    """

    table: pl.DataFrame
    row: Int64s
    customer: Int64s
    started: Int64s
    ended: Int64s
    trial_ends: Int64s  # far in the past where there is no trial
    mrr: Int64s
    known: Flags

    @property
    def paid_from(self) -> Int64s:
        """The instant from which each row is paid."""
        return np.maximum(self.started, self.trial_ends)

    def take(self, which: Flags) -> Subscriptions:
        """Some of the rows, in their order."""
        return Subscriptions(
            self.table,
            self.row[which],
            self.customer[which],
            self.started[which],
            self.ended[which],
            self.trial_ends[which],
            self.mrr[which],
            self.known[which],
        )

    def texts(self, column: str) -> pl.Series:
        """A column of the table for these rows."""
        return self.table[column].gather(pl.Series(self.row))


def subscriptions(bucket: Bucket, where: str | None) -> Subscriptions:
    """The subscriptions of the bucket's customers that pass a filter."""
    return bucket.shared(("subscriptions", where), lambda: _subscriptions(rows_of(bucket, "subscriptions", where)))


def _subscriptions(table: pl.DataFrame) -> Subscriptions:
    code = whole(table[CODE], -1)
    row = np.flatnonzero(code >= 0)
    if (np.diff(code[row]) < 0).any():
        row = row[np.argsort(code[row], kind="stable")]
    missing = {"started": _NEVER, "ended": LARGEST, "trial_ends": _NEVER, "mrr": 0}
    filled = table.select(
        *(pl.col(name).cast(pl.Int64).fill_null(value) for name, value in missing.items()),
        known=pl.col("mrr").is_not_null(),
    )
    return Subscriptions(table, row, code[row], *(column.to_numpy()[row] for column in filled.iter_columns()))
