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
import polars as pl
from pydantic import Field, model_validator

from engagement_cli.kernels.dense import renumber
from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.metrics.parts.period_rows import by_period, divided, flags, floats, with_interval
from engagement_cli.metrics.parts.trailing import DAY, behind, window_days
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Select, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import EVERYBODY, Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import State, StateTable

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
    return {"windows": STATE["windows"].gather([_windows(p, bucket, g) for g in groupings(bucket, p.by)])}


def _windows(p: Parameters, bucket: Bucket, grouping: Grouping) -> pl.DataFrame:
    clock = bucket.clock
    found = pairs(bucket, DAY, _selection(p), grouping if grouping.of_events else EVERYBODY, history=True)
    order = np.argsort(found.period, kind="stable")
    customer, day, group = found.customer[order], found.period[order], found.group[order]
    last = window_days(clock, p.every)
    low, high = np.searchsorted(day, last - p.window.days, "right"), np.searchsorted(day, last, "right")
    shown = clock.shown(clock.periods(p.every))
    starts_at = clock.periods(p.every).bounds
    parts = []
    for period, first, end in zip(shown, low.tolist(), high.tolist(), strict=True):
        inside = slice(first, end)
        _, holder, example = renumber(customer[inside].astype(np.int64) * grouping.size + group[inside])
        days, whose, label = np.bincount(holder), customer[inside][example], group[inside][example]
        if not grouping.of_events:
            label = grouping.customers(whose, np.full(len(whose), starts_at[period], np.int64))
        labels, number, _ = renumber(label)
        # Weighted counts are floats, exact far beyond what the days of one bucket add up to.
        sums = [np.bincount(number, weights, len(labels)).astype(np.int64) for weights in (days, days * days)]
        parts.append((labels, np.full(len(labels), period, np.int32), *sums, np.bincount(number)))
    label, periods, days, squares, holders = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    names = grouping.labels(label)
    return STATE["windows"].of(
        {"segments": names, "period": periods, "active_days": days, "squares": squares, "customers": holders}
    )


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: stickiness, numerator, denominator, n, interval."""
    clock, window = context.clock, p.window.days
    table = by_period(state["windows"], clock, p.every).join(
        behind(clock, p.every, window), on="period", maintain_order="left"
    )
    low, high = mean_interval(*floats(table, "active_days", "squares", "customers"))
    table = table.with_columns(
        numerator=pl.col("active_days").cast(pl.Float64),
        denominator=pl.col("customers").cast(pl.Float64) * window,
        n=pl.col("customers").cast(pl.Int64),
        complete=pl.col("complete") & ~pl.col("short"),
        reliable=~pl.col("gap"),
    ).with_columns(stickiness=divided("numerator", "denominator"))
    table = with_interval(table, (np.clip(low / window, 0, 1), np.clip(high / window, 0, 1)))
    shown = ("stickiness", "numerator", "denominator", "ci_low", "ci_high", "n", "complete")
    return View(
        table=flags(table, "n", [pl.when(pl.col("short")).then(pl.lit("short_window"))]),
        measures=(Measure("stickiness", "share", "numerator", "denominator", "n", "ci_low", "ci_high"),),
        columns=("period_start", "period_end", "segments", *shown),
        semantics=f"Σ daily customers with {_selection(p)} ÷ ({window} days × distinct customers) "
        f"in the {window} days up to the end of each {p.every}; interval by customer",
    )
