"""New, returning, resurrected and dormant customers, interval by interval.

What: who came for the first time, who stayed, who came back after a pause, and who stayed away.
Formula: new = first active event of all history read; returning = active also in the interval before; resurrected =
    active, not in the one before, but earlier; dormant = active in the one before, not in this. The first three add
    up to the active customers.
Reads: events, also those before `since`; `active:` says which count (default: every event of weight above zero).
Parameters: active (a selection), every, by. A row of the interval that `since` cuts counts as active only from
    `since` on; earlier rows of it are history. A status is the customer's own, whatever the segment: by a column of
    events, he counts in each segment in which he was active (dormant: in the interval before).
Example:
    >>> from engagement_cli.metrics.lifecycle import Parameters
    >>> str(Parameters.model_validate({"type": "lifecycle", "every": "week"}).every)
    'week'

Source: this program's definitions. The first interval of the history is flagged `history_start`: everyone is new in
    it. Counts of everybody have no interval: they are no sample.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.periods_of_activity import transitions
from engagement_cli.kernels.runs import run_of_row, starts
from engagement_cli.metrics.parts.active_history import active_history
from engagement_cli.metrics.parts.period_rows import by_period, flags
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.breakdown import EVERYBODY, Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import State, StateTable

STATUSES = ("new", "returning", "resurrected", "dormant")
STATE = {"lifecycle": StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(STATUSES, "sum"))}


class Parameters(MetricParameters):
    """Which events count as being active."""

    type: Literal["lifecycle"]
    active: Select = ACTIVE

    @model_validator(mode="after")
    def _intervals(self) -> Parameters:
        if self.every.unit == "total":
            raise ValueError("every: a lifecycle compares each interval with the one before; total has none before")
        return self


def _selection(p: Parameters) -> Selection:
    return narrowed(p.active, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The active events."""
    return Needs(selections=(_selection(p),), by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers of each status by segment and period."""
    return {"lifecycle": STATE["lifecycle"].merge([_statuses(p, bucket, g) for g in groupings(bucket, p.by)])}


def _statuses(p: Parameters, bucket: Bucket, grouping: Grouping) -> Cells:
    table = bucket.clock.periods(p.every)
    shown = bucket.clock.shown(table)
    found = active_history(bucket, p.every, _selection(p), grouping if grouping.of_events else EVERYBODY)
    at = starts(found.customer, found.period)
    step = transitions(found.customer[at], found.period[at])
    # Several groups may share a customer's interval.
    row = run_of_row(at, len(found.period)) if grouping.of_events else np.arange(0)

    def counted(chosen: Flags, later: int, status: str) -> Cells:
        keep = np.flatnonzero(chosen[row] if grouping.of_events else chosen)
        period = found.period[keep].astype(np.int64) + later
        inside = (period >= 0) & (period < len(shown))
        keep, period = keep[inside], period[inside] + shown.start
        group: Int64s = found.group[keep]
        if not grouping.of_events:
            group = grouping.customers_in(found.customer[keep], table, period)
        ones = {name: int(name == status) for name in STATUSES}
        return STATE["lifecycle"].of({"segments": grouping.labels(group), "period": period, **ones})

    return STATE["lifecycle"].merge(
        [
            counted(step.new, 0, "new"),
            counted(step.returning, 0, "returning"),
            counted(step.resurrected, 0, "resurrected"),
            counted(step.leaving, 1, "dormant"),
        ]
    )


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and interval with the four counts."""
    clock = context.clock
    rows = by_period(state["lifecycle"], clock, p.every)
    opening = rows.grid.period == clock.periods(p.every).at(clock.first)
    counts = {status: rows.whole(status) for status in STATUSES}
    return View(
        table=rows.grid.table({**counts, "flags": flags(rows.grid, None, {"history_start": opening})}),
        measures=tuple(Measure(status, "count") for status in STATUSES),
        columns=("period_start", *(("segments",) if p.by else ()), *STATUSES),
        semantics=f"customers by {_selection(p)}, {p.every.words}; new: for the first time in all history read",
    )
