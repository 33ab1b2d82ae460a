"""Stretches of subscriptions inside a bucket: who is active at an instant, with how much MRR.

A stretch is paid from the end of its trial, or from its start where it has none. A customer is active at an instant B
where any of his stretches has begun ≤ B < ended; a gapless change of plan is therefore no churn.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.metrics.parts.subscription_rows import Subscriptions, subscriptions
from engagement_cli.native.stretches import Joined, joined
from engagement_cli.records import Record
from engagement_cli.timeline.bucket import Bucket


class Spans(Record):
    """Stretches `[begins, ends)` in ticks, sorted by customer and begin; those of customer c of the bucket are
    `first[c]` to `first[c + 1]`."""

    first: Int64s
    customer: Int64s
    begins: Int64s
    ends: Int64s
    mrr: Int64s  # fixed point × 10⁶ a month

    @cached_property
    def joined(self) -> Joined:
        """When any of a customer's stretches runs."""
        return joined(self.first, self.begins, self.ends)

    def active_then(self, customer: Int64s, instant: Int64s) -> Flags:
        """Whether each customer is active at each instant, pair by pair."""
        return self.joined.runs(customer, instant)


def spans_of(bucket: Bucket, where: str | None, *, trials: bool = False) -> Spans:
    """The stretches of the bucket's subscriptions under a filter; with `trials`, a trial belongs to its stretch."""
    key = ("spans", where, trials)
    return bucket.shared(key, lambda: spans(subscriptions(bucket, where), bucket.customers, trials=trials))


def spans(rows: Subscriptions, customers: int, *, trials: bool = False) -> Spans:
    """The stretches of rows, of so many customers."""
    begins = rows.started if trials else rows.paid_from
    there = np.flatnonzero(begins < rows.ended)
    customer, begins, ends, mrr = rows.customer[there], begins[there], rows.ended[there], rows.mrr[there]
    if ((np.diff(customer) == 0) & (np.diff(begins) < 0)).any():
        order = np.lexsort((begins, customer))
        begins, ends, mrr = begins[order], ends[order], mrr[order]
    first = np.concatenate([[0], np.cumsum(np.bincount(customer, minlength=customers))])
    return Spans(first.astype(np.int64), customer, begins, ends, mrr)
