"""Stickiness: on which share of the days in a trailing window an active customer is active.

What: how much of its days the audience of a window comes, at the end of each period.
Formula: Σ daily active customers in the window ÷ (window days × distinct customers active in it).
Reads: events, also those before `since`; `active:` says which count (default: every event of weight above zero).
Parameters: active (a selection), window (whole days, 28d), every (days or longer), by. The window ends with the
    period's last day; in the period in which the data ends, with the last day before `as_of`.
Example:
    >>> from engagement_cli.metrics.stickiness import Parameters
    >>> Parameters.model_validate({"type": "stickiness", "every": "day"}).window.days
    28

Source: this program's definitions. The 95 % interval is customer-clustered: a customer's active days over the
    window's. A period without a full window of history behind it is flagged `short_window` and is not complete.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.period_rows import by_period, flags, interval, quotient
from engagement_cli.metrics.parts.trailing import DAY, behind, held, window_days
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Select, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import EVERYBODY, Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {"windows": StateTable(SEGMENT_AND_PERIOD, {"active_days": "sum", "squares": "sum", "customers": "sum"})}


class Parameters(MetricParameters):
    """Which events count as being active, and over how many days."""

    type: Literal["stickiness"]
    active: Select = ACTIVE
    window: Duration = Field("28d", validate_default=True)

    @model_validator(mode="after")
    def _days(self) -> Parameters:
        if self.window.total_seconds() % 86_400:
            raise ValueError("window: takes whole days, such as 28d")
        if self.every.unit == "hour":
            raise ValueError("every: stickiness counts days; it takes day or longer")
        return self


def _selection(p: Parameters) -> Selection:
    return narrowed(p.active, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The active events."""
    return Needs(selections=(_selection(p),), by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Active days, their squares a customer, and customers in each period's window, by segment."""
    return {"windows": STATE["windows"].merge([_windows(p, bucket, g) for g in groupings(bucket, p.by)])}


def _windows(p: Parameters, bucket: Bucket, grouping: Grouping) -> Cells:
    found = pairs(bucket, DAY, _selection(p), grouping if grouping.of_events else EVERYBODY, history=True)
    parts: list[dict[str, Column]] = []
    for window in held(bucket, found, grouping, p.every, window_days(bucket.clock, p.every), p.window.days):
        group, customers, days, squares = window.by_group(window.times, window.times * window.times)
        sums = {"active_days": days, "squares": squares, "customers": customers}
        parts.append({"segments": grouping.labels(group), "period": window.period, **sums})
    return STATE["windows"].of_all(parts)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: stickiness, numerator, denominator, n, interval."""
    clock, window = context.clock, p.window.days
    rows = by_period(state["windows"], clock, p.every)
    grid, n = rows.grid, rows.whole("customers")
    short, gap = behind(clock, p.every, window).of(grid)
    days, squares, customers = rows.floats("active_days", "squares", "customers")
    low, high = (np.clip(end / window, 0, 1) for end in mean_interval(days, squares, customers))
    columns: dict[str, ViewColumn] = {
        "stickiness": quotient(days, customers * window),
        "numerator": days,
        "denominator": customers * window,
        **interval((low, high)),
        "n": n,
        "complete": grid.complete & ~short,
        "flags": flags(grid, n, {"short_window": short}, unreliable=gap),
    }
    shown = ("stickiness", "numerator", "denominator", "ci_low", "ci_high", "n", "complete")
    return View(
        table=grid.table(columns),
        measures=(Measure("stickiness", "share", "numerator", "denominator", "n", "ci_low", "ci_high"),),
        columns=("period_start", "period_end", "segments", *shown),
        semantics=f"Σ daily customers with {_selection(p)} ÷ ({window} days × distinct customers) "
        f"in the {window} days up to the end of each {p.every}; interval by customer",
    )
