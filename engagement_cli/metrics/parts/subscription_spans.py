"""Stretches of subscriptions inside a bucket: who is active at an instant, with how much MRR, and what changed since.

A stretch is paid from the end of its trial, or from its start where it has none. A customer is active at an instant B
where any of his stretches has begun ≤ B < ended; a gapless change of plan is therefore no churn.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s
from engagement_cli.kernels.runs import any_per_run, starts
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.bucket import CODE


@dataclass(frozen=True)
class Spans:
    """Stretches `[begins, ends)` in ticks, sorted by customer; `customer` and `run` (its first stretch) once each."""

    customer: Int64s
    run: Int64s
    begins: Int64s
    ends: Int64s
    mrr: Int64s  # fixed point × 10⁶ a month

    def at(self, instant: int) -> At:
        """Who is active at an instant, and with how much."""
        running = (self.begins <= instant) & (instant < self.ends)
        active = any_per_run(running, self.run)
        mrr = np.add.reduceat(np.where(running, self.mrr, 0), self.run) if len(self.run) else np.zeros(0, np.int64)
        return At(active, mrr)


@dataclass(frozen=True)
class At:
    """Of each customer of the spans: active or not, and MRR."""

    active: Flags
    mrr: Int64s


@dataclass(frozen=True)
class Change:
    """One period for the customers active at its start or end; `earlier`: paid some time before it."""

    period: int
    customer: Int64s
    start: At
    end: At
    earlier: Flags
    groups: tuple[Codes, Codes]  # at start and end


def paid_from() -> pl.Expr:
    """The instant from which a subscription row is paid: the end of its trial, or its start."""
    return pl.max_horizontal("started", "trial_ends")


def spans(table: pl.DataFrame, *, trials: bool = False) -> Spans:
    """The stretches of a subscriptions table's customers; with `trials`, a trial belongs to its stretch."""
    begins = pl.col("started") if trials else paid_from()
    rows = (
        table.filter(pl.col(CODE).is_not_null())
        .select(
            customer=pl.col(CODE).cast(pl.Int64),
            begins=begins,
            ends=pl.col("ended").fill_null(LARGEST),
            mrr=pl.col("mrr").fill_null(0),
        )
        .filter(pl.col("begins") < pl.col("ends"))
        .sort("customer", "begins", "ends", "mrr")
    )
    customer = rows["customer"].to_numpy()
    run = starts(customer)
    return Spans(customer[run], run, *(rows[c].to_numpy() for c in ("begins", "ends", "mrr")))


def active_then(found: Spans, customer: Int64s, instant: Int64s) -> Flags:
    """Whether each customer is active at each instant, pair by pair."""
    owner = np.repeat(found.customer, np.diff(found.run, append=len(found.begins)))
    stretches = pl.DataFrame({"customer": owner, "begins": found.begins, "ends": found.ends})
    asked = pl.DataFrame({"customer": customer, "at": instant}).with_row_index("row")
    running = (
        asked.lazy().join(stretches.lazy(), on="customer").filter(pl.col("at").is_between("begins", "ends", "left"))
    )
    active = np.zeros(len(customer), np.bool_)
    active[running.select("row").collect()["row"].to_numpy()] = True
    return active


def changes(found: Spans, bounds: Int64s, shown: range, grouping: Grouping) -> Iterator[Change]:
    """What changed from the start to the end of each period shown (period i is `[bounds[i], bounds[i + 1])`)."""
    paid = np.where(found.mrr > 0, found.begins, LARGEST)
    first = np.minimum.reduceat(paid, found.run) if len(found.run) else paid
    customers = found.customer.astype(np.uint32)

    def groups_at(instant: int) -> Codes:
        return grouping.customers(customers, np.full(len(customers), instant, np.int64))

    # Of each bound once: where one period ends, the next begins.
    start, before = found.at(int(bounds[shown.start])), groups_at(int(bounds[shown.start]))
    for period in shown:
        begins, ends = int(bounds[period]), int(bounds[period + 1])
        end, after = found.at(ends), groups_at(ends)
        touched = start.active | end.active
        yield Change(
            period,
            found.customer[touched],
            At(start.active[touched], start.mrr[touched]),
            At(end.active[touched], end.mrr[touched]),
            first[touched] < begins,
            (before[touched], after[touched]),
        )
        start, before = end, after
