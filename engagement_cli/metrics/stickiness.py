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
Source: METRICS, section 1. The 95 % interval is customer-clustered: a customer's active days over the window's. A
    period without a full window of history behind it is flagged `short_window` and is not complete.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engagement_cli.kernels.dense import renumber
from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.metrics.period_rows import by_period, divided, flags, floats, with_interval
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Grain, Select, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import State, StateTable

STATE = {"windows": StateTable(SEGMENT_AND_PERIOD, {"active_days": "sum", "squares": "sum", "customers": "sum"})}
DAY = Grain("day")
Days = NDArray[np.int64]


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


def _window_ends(clock: Clock, every: Grain) -> Days:
    """The day (index) with which each shown period's window ends."""
    table = clock.periods(every)
    shown = clock.shown(table)
    starts, ends = table.bounds[shown.start : shown.stop], table.bounds[shown.start + 1 : shown.stop + 1]
    ends = np.minimum(ends, clock.until)
    ends = np.where(starts < clock.as_of, np.minimum(ends, clock.as_of), ends)
    return clock.periods(DAY).index(ends - 1).astype(np.int64)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Active days, their squares a customer, and customers in each period's window, by segment."""
    return {"windows": STATE["windows"].merge([_windows(p, bucket, g) for g in groupings(bucket, p.by)])}


def _windows(p: Parameters, bucket: Bucket, grouping: Grouping) -> pl.DataFrame:
    clock = bucket.clock
    found = pairs(bucket, DAY, _selection(p), grouping if grouping.of_events else Grouping(), history=True)
    order = np.argsort(found.period, kind="stable")
    customer, day, group = found.customer[order], found.period[order], found.group[order]
    last = _window_ends(clock, p.every)
    low, high = np.searchsorted(day, last - p.window.days, "right"), np.searchsorted(day, last, "right")
    shown = clock.shown(clock.periods(p.every))
    starts_at = clock.periods(p.every).bounds
    parts = []
    for period, first, end in zip(shown, low.tolist(), high.tolist(), strict=True):
        inside = slice(first, end)
        _, number, example = renumber(customer[inside].astype(np.int64) * grouping.size + group[inside])
        days = np.bincount(number)
        holder = customer[inside][example]
        label = group[inside][example]
        if not grouping.of_events:
            label = grouping.customers(holder, np.full(len(holder), starts_at[period], np.int64))
        parts.append((label, np.full(len(days), period, np.int32), days))
    label, periods, days = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return STATE["windows"].of(
        {
            "segments": grouping.labels(label),
            "period": periods,
            "active_days": days,
            "squares": days * days,
            "customers": np.ones(len(days), np.int64),
        }
    )


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: stickiness, numerator, denominator, n, interval."""
    clock, window = context.clock, p.window.days
    table = by_period(state["windows"], clock, p.every).join(_behind(clock, p), on="period", maintain_order="left")
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


def _behind(clock: Clock, p: Parameters) -> pl.DataFrame:
    """For each shown period: does its window begin before the history (`short`), is a day of it missing (`gap`)?"""
    days = clock.periods(DAY)
    last = _window_ends(clock, p.every)
    first = last - p.window.days + 1
    missing = np.array([clock.instant(day) for day in clock.unreliable], dtype=np.int64)
    opens, closes = days.bounds[np.maximum(first, 0)], days.bounds[last + 1]
    shown = clock.shown(clock.periods(p.every))
    return pl.DataFrame(
        {
            "period": np.arange(shown.start, shown.stop, dtype=np.int32),
            "short": first < days.at(clock.first),
            "gap": np.searchsorted(missing, closes) > np.searchsorted(missing, opens),
        }
    )
