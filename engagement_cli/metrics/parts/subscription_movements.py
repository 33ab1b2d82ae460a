"""What a period's customers add to the state of a subscription measure, at the segment that each number belongs to.

What is there at the start, and what of it is lost, belongs to the segment as of the period's start; what is there at
the end, and what joins or changes, to the segment as of its end. Customers who stay but are in another segment at the
end have moved: out of the one, into the other, so that what lies between start and end of a segment adds up.

Who pays nothing before and something after is new, or has come back where he paid some time before the period; who
pays something before and nothing after has churned, though he may keep a subscription that is free.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engagement_cli.kernels.arrays import Int64s, each_from_words
from engagement_cli.kernels.dense import renumber
from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.per_customer import MOMENTS
from engagement_cli.metrics.parts.subscription_spans import Spans
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.native.movements import FIELDS, Words, movements
from engagement_cli.records import Record
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.state import Column, StateTable

_CUSTOMERS = ("start", "kept", "end", "moved")
_MONEY = ("start", "new", "reactivation", "expansion", "contraction", "churn", "moved", "end", "customers")
CUSTOMERS = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(_CUSTOMERS, "sum"))
MONEY = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(_MONEY, "sum"))
_OF_MONEY = {"start": "money_start", "moved": "money_moved", "end": "money_end", "customers": "end"}


class Movements(Record):
    """Sums over customers of segments and periods in which one is there at the start or at the end, one row each.

    `words`: `(rows, len(FIELDS), 2)`, the low and the high half of each of `FIELDS`.
    """

    segments: Labels
    period: Int64s
    words: Words

    def customers(self) -> Cells:
        """`CUSTOMERS`: start − lost + joined + moved = end, where lost = start − kept."""
        return self._table(CUSTOMERS, {name: name for name in _CUSTOMERS})

    def money(self) -> Cells:
        """`MONEY`: start + new + reactivation + expansion − contraction − churn + moved = end."""
        return self._table(MONEY, {name: _OF_MONEY.get(name, name) for name in _MONEY})

    def moments(self, measure: str) -> Cells:
        """Moments of money over customers: of those active at the start what is kept of what they paid (nrr, grr), or
        what those paid who pay nothing at the end (churn_rate); of those active at the end what they pay (arpu)."""
        if measure == "arpu":
            fields = ("money_end", "end", "end_squared", "end", "money_end", "end")
            return self._table(MOMENTS, dict(zip(MOMENTS.values, fields, strict=True)), there="end")
        side = {"churn_rate": "lost"}.get(measure, measure)
        fields = (side, "money_start", f"{side}_squared", "start_squared", f"{side}_start", "paying")
        return self._table(MOMENTS, dict(zip(MOMENTS.values, fields, strict=True)), there="start")

    def _table(self, table: StateTable, columns: Mapping[str, str], there: str | None = None) -> Cells:
        """Columns of fields; of the rows in which a customer is `there`."""
        rows = np.arange(len(self.period)) if there is None else np.flatnonzero(self.words[:, FIELDS.index(there), 0])
        places = [FIELDS.index(field) for field in columns.values()]
        low, high = np.ascontiguousarray(self.words[rows][:, places].T)
        keys: dict[str, Column] = {"segments": self.segments.take(rows), "period": self.period[rows]}
        made = table.of if len(self.segments.texts) > 1 else table.of_distinct  # labels do not rise as groups do
        return made({**keys, **dict(zip(columns, each_from_words(low, high.view(np.int64)), strict=True))})


def movements_of(found: Spans, bounds: Int64s, grouping: Grouping) -> Movements:
    """What moves from bound to bound (period i is `[bounds[i], bounds[i + 1])`)."""
    run = starts(found.customer)
    owner = found.customer[run].astype(np.uint32)
    group, groups, codes = None, 1, np.zeros(1, np.int64)
    if grouping.columns:
        at = np.stack([grouping.customers(owner, np.full(len(owner), b, np.int64)) for b in bounds.tolist()], axis=1)
        codes, places, _ = renumber(at.ravel())
        group, groups = places.reshape(at.shape), len(codes)
    stretches = (np.append(run, len(found.begins)), found.begins, found.ends, found.mrr)
    parts = list(movements(stretches, bounds, group, groups))
    if not parts:
        return Movements(Labels.same("", 0), np.zeros(0, np.int64), np.zeros((0, len(FIELDS), 2), np.uint64))
    cell, period, words = (np.concatenate(column) for column in zip(*parts, strict=True))
    labels = grouping.labels(codes[cell])
    return Movements(labels, period, words)
