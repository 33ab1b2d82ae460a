"""Distinct active customers per period, or in a trailing window.

What: customers with at least one active event; exact, never a sum of shorter periods.
Formula: |{customer : an active event in the period}|; with `trailing: n d`, in the n days up to and with the period's
    last day or, in the period in which the data ends, the last day before `as_of`.
Reads: events; `active:` says which count (default: every event of weight above zero).
Parameters: active (a selection), trailing (a duration of whole days), every, by.
Example:
    >>> from engagement_cli.metrics.active import Parameters
    >>> str(Parameters.model_validate({"type": "active", "every": "week"}).active)
    'active'

Source: this program's definitions. A count of everybody has no interval: it is no sample. A period without a full
    window of history behind it is flagged `short_window` and is not complete.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.period_rows import by_period, flags
from engagement_cli.metrics.parts.trailing import DAY, behind, window_days
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.native.trailing import trailing_distinct
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Select, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import State, StateTable

STATE = {"active": StateTable(SEGMENT_AND_PERIOD, {"customers": "sum"})}


class Parameters(MetricParameters):
    """Which events count as being active, and over what."""

    type: Literal["active"]
    active: Select = ACTIVE
    trailing: Duration | None = None

    @model_validator(mode="after")
    def _whole_days(self) -> Parameters:
        if self.trailing is not None and self.trailing.total_seconds() % 86_400:
            raise ValueError("trailing: takes whole days, such as 28d")
        if self.trailing is not None and self.by:
            raise ValueError("trailing: goes without by:")
        if self.trailing is not None and self.every.unit == "hour":
            raise ValueError("every: trailing windows are of days; it takes day or longer")
        return self


def _selection(p: Parameters) -> Selection:
    return narrowed(p.active, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The active events."""
    return Needs(selections=(_selection(p),), by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Distinct customers of the bucket by segment and period."""
    if p.trailing is not None:
        return {"active": _trailing(p, bucket)}
    parts = [_by_period(p, bucket, grouping) for grouping in groupings(bucket, p.by)]
    return {"active": STATE["active"].merge(parts)}


def _by_period(p: Parameters, bucket: Bucket, grouping: Grouping) -> Cells:
    found = pairs(bucket, p.every, _selection(p), grouping)
    return STATE["active"].of({"segments": grouping.labels(found.group), "period": found.period, "customers": 1})


def _trailing(p: Parameters, bucket: Bucket) -> Cells:
    """Distinct customers in the window of each period; history before `since` counts."""
    clock = bucket.clock
    found = pairs(bucket, DAY, _selection(p), history=True)
    window = p.trailing.days if p.trailing is not None else 1
    counts = trailing_distinct(found.customer, found.period, window, len(clock.periods(DAY)))
    shown = np.array(clock.shown(clock.periods(p.every)), dtype=np.int32)
    return STATE["active"].of(
        {
            "segments": "",
            "period": shown,
            "customers": counts[window_days(clock, p.every)],
        }
    )


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period with `customers`."""
    rows = by_period(state["active"], context.clock, p.every)
    grid, over = rows.grid, "in it"
    columns: dict[str, ViewColumn] = {"customers": rows.whole("customers"), "flags": flags(grid)}
    if p.trailing is not None:
        short, gap = behind(context.clock, p.every, p.trailing.days).of(grid)
        columns["complete"] = grid.complete & ~short
        columns["flags"] = flags(grid, None, {"short_window": short}, unreliable=gap)
        over = f"in the {p.trailing.days} days up to its end"
    return View(
        table=grid.table(columns),
        measures=(Measure("customers", "count"),),
        columns=("period_start", "period_end", "segments", "customers", "complete"),
        semantics=f"distinct customers with {_selection(p)} {over}, {p.every.words}",
    )
