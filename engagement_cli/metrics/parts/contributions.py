"""Contributions to an aggregate: who added how much in which period, one a row."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.runs import starts
from engagement_cli.native.distinct import distinct_in_runs
from engagement_cli.native.moments import NOBODY, Side
from engagement_cli.records import Record
from engagement_cli.timeline.breakdown import Codes, Grouping


class Amounts(Record):
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
        of_somebody = self.customer != NOBODY
        known = slice(None) if of_somebody.all() else np.flatnonzero(of_somebody)
        thing = self.thing[known].view(np.int64)
        rows = Side(self.customer[known], self.period[known], None if group is None else group[known], thing).sorted()
        at = starts(*(key for key in (rows.customer, rows.period, rows.group) if key is not None))
        count = distinct_in_runs(np.asarray(rows.amount).view(np.uint64), at)
        return Side(rows.customer[at], rows.period[at], None if rows.group is None else rows.group[at], count)

    @property
    def amounts(self) -> NDArray[np.int64]:
        """What each row adds."""
        return np.ones(len(self.period), np.int64) if self.amount is None else self.amount


NOTHING = Amounts(np.zeros(0, np.uint32), np.zeros(0, np.int32), np.zeros(0, np.int64))
