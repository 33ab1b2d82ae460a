"""The share of a period's active customers who then fell silent.

What: of the customers active in a period, those without any active event in the `inactive_days` days after it.
Formula: |{customer : active in the period, no active event in the window}| ÷ |{customer : active in the period}|;
    the window runs from the period's end through the `inactive_days`-th whole local day after it. The row belongs to
    the period in which the customers were active, not to the one in which they were silent.
Reads: events, also those after `until` where the window reaches there; `active:` says which count (default: every
    event of weight above zero).
Parameters: active (a selection), inactive_days (default: the configuration's, 30), every (days or longer), by (a
    customer is silent when no event of any segment comes).
Example:
    >>> from engagement_cli.metrics.inactivity import Parameters
    >>> Parameters.model_validate({"type": "inactivity", "inactive_days": 14}).inactive_days
    14

Source: this program's definitions. Published only once the window has elapsed: until then numerator and rate are null
    and the row is not complete. One yes or no a customer: Wilson's 95 % interval. Wilson (1927), "Probable Inference,
    the Law of Succession, and Statistical Inference".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from engagement_cli.kernels.intervals import wilson
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.period_rows import by_period, flags, interval, quotient
from engagement_cli.metrics.parts.silence import silent_after, window_ends
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import State, StateTable

STATE = {"silent": StateTable(SEGMENT_AND_PERIOD, {"silent": "sum", "active": "sum"})}


class Parameters(MetricParameters):
    """Which events count as being active, and how long a silence counts."""

    type: Literal["inactivity"]
    active: Select = ACTIVE
    inactive_days: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _days(self) -> Parameters:
        if self.every.unit == "hour":
            raise ValueError("every: inactivity counts days; it takes day or longer")
        return self

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """The days of the configuration."""
        return {"inactive_days": settings.inactive_days}


def _selection(p: Parameters) -> Selection:
    return narrowed(p.active, p.where)


def _days(p: Parameters, settings: Settings) -> int:
    return settings.inactive_days if p.inactive_days is None else p.inactive_days


def needs(p: Parameters, settings: Settings) -> Needs:
    """The active events."""
    return Needs(selections=(_selection(p),), by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Active and silent customers by segment and period."""
    parts = []
    for grouping in groupings(bucket, p.by):
        found, silent = silent_after(bucket, p.every, _selection(p), grouping, _days(p, bucket.settings))
        labels = grouping.labels(found.group)
        parts.append(STATE["silent"].of({"segments": labels, "period": found.period, "silent": silent, "active": 1}))
    return {"silent": STATE["silent"].merge(parts)}


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the rate, numerator, denominator, n, interval."""
    clock, days = context.clock, _days(p, context.settings)
    rows = by_period(state["silent"], clock, p.every)
    elapsed = window_ends(clock, p.every, days)[rows.grid.period] <= clock.as_of
    silent, active = rows.floats("silent", "active")
    silent = np.where(elapsed, silent, np.nan)
    columns: dict[str, ViewColumn] = {
        "inactivity_rate": quotient(silent, active),
        "numerator": silent,
        "denominator": active,
        **interval(wilson(silent, active)),
        "n": rows.whole("active"),
        "complete": rows.grid.complete & elapsed,
        "flags": flags(rows.grid, active, {"provisional": ~elapsed}),
    }
    values = ("inactivity_rate", "numerator", "denominator", "ci_low", "ci_high", "n", "complete")
    return View(
        table=rows.grid.table(columns),
        measures=(Measure("inactivity_rate", "share", "numerator", "denominator", "n", "ci_low", "ci_high"),),
        columns=("period_start", "period_end", "segments", *values),
        semantics=f"customers without {_selection(p)} in the {days} days after the {p.every} "
        "÷ customers active in it; shown once these days have passed",
    )
