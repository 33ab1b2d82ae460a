"""The book of subscriptions: rows are opened and ended as the weeks go by, and read out at the end."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.records import Record
from engagement_cli.samples.arrays import AnyInts, Bools, Codes, Ints
from engagement_cli.samples.calendar import DAY, Span
from engagement_cli.samples.sector import Sector

OPEN = 2**62
NO_TRIAL = -(2**62)
_YEARLY_PRICE = 0.85


class Spells(Record):
    """One entry a subscription row, sorted by customer and start; times in seconds since the span's start.

    `ended` is `OPEN` while it runs, `trial_ends` `NO_TRIAL` without a trial, `kept` true where the row ended in a
    change of plan, `price` cents a month.
    """

    customer: Ints
    plan: Ints
    started: Ints
    ended: Ints
    trial_ends: Ints
    price: Ints
    yearly: Bools
    kept: Bools

    @property
    def paid_from(self) -> Ints:
        """When payment begins: after the trial where there is one."""
        return np.maximum(self.started, self.trial_ends)

    @property
    def converted(self) -> Bools:
        """Whether the customer ever paid on this row, its trial being over."""
        return self.ended > self.paid_from

    @property
    def follows(self) -> Bools:
        """Whether the row begins where the customer's one before it ends: a change of plan."""
        found = np.zeros(len(self.customer), dtype=np.bool_)
        found[1:] = (self.customer[1:] == self.customer[:-1]) & (self.started[1:] == self.ended[:-1])
        return found

    def renewed(self, span: Span) -> Codes:
        """1 where a term ended and the customer went on, 0 where he left, −1 where no term was due in time."""
        due = self.paid_from + np.where(self.yearly, 365, 30) * DAY
        left = self.converted & (self.ended < OPEN) & ~self.kept
        went_on = self.converted & (due < np.minimum(self.ended, span.seconds))
        return np.where(left, 0, np.where(went_on, 1, -1)).astype(np.int32)


class Ledger:
    """Collects openings and endings; at most one row of a customer is open at a time."""

    def __init__(self, customers: int) -> None:
        self.plan = np.zeros(customers, dtype=np.int64)
        self.yearly = np.zeros(customers, dtype=np.bool_)
        self._row = np.full(customers, -1, dtype=np.int64)
        self._opened: list[tuple[Ints, Ints, Ints, Ints, Bools]] = []
        self._ended: list[tuple[Ints, Ints, Bools, Bools]] = []
        self._count = 0

    def open(self, who: Bools, plan: AnyInts, when: Ints, *, trial_ends: Ints | None, yearly: Bools) -> None:
        """A row begins for each customer in `who`; the other arrays have one entry a customer of the block."""
        customers = np.flatnonzero(who)
        self.plan[customers] = plan[customers]
        self.yearly[customers] = yearly[customers]
        self._row[customers] = np.arange(self._count, self._count + len(customers))
        self._count += len(customers)
        trial = np.full(len(customers), NO_TRIAL) if trial_ends is None else trial_ends[customers]
        self._opened.append((customers, self.plan[customers], when[customers], trial, self.yearly[customers]))

    def end(self, who: Bools, when: Ints, *, kept: bool, lapsed: Bools | None = None) -> None:
        """The open row of each customer in `who` ends; `kept` says that another one follows at once.

        Where `lapsed`, it had ended with the last month (or year) paid for, which was not renewed.
        """
        customers = np.flatnonzero(who)
        lapses = np.zeros(len(customers), dtype=np.bool_) if lapsed is None else lapsed[customers]
        self._ended.append((self._row[customers], when[customers], np.full(len(customers), kept), lapses))

    def close(self, span: Span, sector: Sector, trait: Codes) -> Spells:
        """Everything that an export made at the span's end can know."""
        customer, plan, started, trial_ends, yearly = (
            np.concatenate(column) for column in zip(*self._opened, strict=True)
        )
        ended, kept = np.full(self._count, OPEN), np.zeros(self._count, dtype=np.bool_)
        lapsed = np.zeros(self._count, dtype=np.bool_)
        for row, when, keeps, lapses in self._ended:
            ended[row], kept[row], lapsed[row] = when, keeps, lapses
        paid = np.maximum(started, trial_ends)[lapsed]
        ended[lapsed] = _last_term_end(span, paid, ended[lapsed], yearly[lapsed])
        future = ended >= span.seconds
        ended[future], kept[future] = OPEN, False
        prices = np.array([plan.price for plan in sector.plans] or [0.0])
        factor = np.array(sector.trait.price)[trait[customer]] * np.where(yearly, _YEARLY_PRICE, 1.0)
        price = np.rint(prices[plan] * factor * 100).astype(np.int64)
        order = np.lexsort((started, customer))
        order = order[(started[order] < span.seconds) & bool(sector.plans)]
        return Spells(
            customer=customer[order],
            plan=plan[order],
            started=started[order],
            ended=ended[order],
            trial_ends=trial_ends[order],
            price=price[order],
            yearly=yearly[order],
            kept=kept[order],
        )


def _last_term_end(span: Span, paid: Ints, when: Ints, yearly: Bools) -> Ints:
    """The last anniversary of the payment's beginning up to `when`, at the same time of day; `when` before the first.

    As on a calendar: what is paid on the 31st ends on the last day of a shorter month.
    """
    zero = int(np.datetime64(span.start.isoformat(), "s").astype(np.int64))
    begin = pl.Series((zero + paid) * 1000).cast(pl.Datetime("ms"))
    months = np.where(yearly, 12, 1)
    terms = (when - paid) // (np.where(yearly, 365, 30) * DAY) + 1
    found = when.copy()
    for fewer in (4, 3, 2, 1, 0):
        steps = np.maximum(terms - fewer, 0) * months
        moved = begin.dt.offset_by(pl.Series(steps).cast(pl.String) + "mo")
        end = moved.dt.epoch("s").to_numpy() - zero
        found = np.where((steps > 0) & (end <= when), end, found)
    return found
