"""Regular customers: who came, or bought, in each of the last periods.

What: of the customers active in any of the last `periods` periods, the share who were active in each of them.
Formula: regular_share = |{customer : active in the period and in each of the `periods` − 1 before it}| ÷ |{customer :
    active in any of these}|.
Reads: events, also before `since`; `active:` says which count (default: every event of weight above zero).
Parameters: active (a selection, such as purchase), periods (2 or more, default 3), every, by (event columns: regular
    with these events; subscriptions' columns as of the last period's start).
Example:
    >>> from engagement_cli.metrics.regular import Parameters
    >>> Parameters.model_validate({"type": "regular", "active": "purchase", "every": "month"}).periods
    3

Source: this program's definitions. Wilson 95 % interval: one yes or no a customer. A period without so many periods of
    history behind it is flagged `short_window` and not complete.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from engagement_cli.kernels.intervals import wilson
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.period_rows import by_period, flags, interval, quotient
from engagement_cli.metrics.parts.trailing import Behind, held
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Select, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import EVERYBODY, Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {"regular": StateTable(SEGMENT_AND_PERIOD, {"customers": "sum", "regular": "sum"})}


class Parameters(MetricParameters):
    """Which events count, and in how many periods running."""

    type: Literal["regular"]
    active: Select = ACTIVE
    periods: int = Field(3, ge=2, le=1000)

    @model_validator(mode="after")
    def _several_periods(self) -> Parameters:
        if self.every.unit == "total":
            raise ValueError("every: regular is who comes in several periods; the whole range is one")
        return self


def _selection(p: Parameters) -> Selection:
    return narrowed(p.active, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The active events."""
    return Needs(selections=(_selection(p),), by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers active in any and in each of the periods that end with each shown one, by segment."""
    return {"regular": STATE["regular"].merge([_counted(p, bucket, grouping) for grouping in groupings(bucket, p.by)])}


def _counted(p: Parameters, bucket: Bucket, grouping: Grouping) -> Cells:
    found = pairs(bucket, p.every, _selection(p), grouping if grouping.of_events else EVERYBODY, history=True)
    last = np.array(bucket.clock.shown(bucket.clock.periods(p.every)), dtype=np.int64)
    parts: list[dict[str, Column]] = []
    for window in held(bucket, found, grouping, p.every, last, p.periods):
        group, customers, regular = window.by_group((window.times == p.periods).astype(np.int64))
        sums = {"customers": customers, "regular": regular}
        parts.append({"segments": grouping.labels(group), "period": window.period, **sums})
    return STATE["regular"].of_all(parts)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: the share, the regular customers, those active in any of the periods."""
    rows = by_period(state["regular"], context.clock, p.every)
    grid, n, regular = rows.grid, rows.whole("customers"), rows.whole("regular")
    short, gap = _behind(context.clock, p.every, p.periods).of(grid)
    numbers = {
        "regular_share": quotient(regular, n),
        "regular": regular,
        "customers": n,
        **interval(wilson(*rows.floats("regular", "customers"))),
    }
    about: dict[str, ViewColumn] = {
        "complete": grid.complete & ~short,
        "flags": flags(grid, n, {"short_window": short}, unreliable=gap),
    }
    return View(
        table=grid.table({**numbers, **about}),
        measures=(
            Measure("regular_share", "share", "regular", "customers", "customers", "ci_low", "ci_high"),
            Measure("regular", "count"),
            Measure("customers", "count"),
        ),
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *numbers, "complete"),
        semantics=f"customers with {_selection(p)} in each of {p.periods} periods running ÷ those with it in any of "
        f"them, {p.every.words}",
    )


def _behind(clock: Clock, every: Grain, periods: int) -> Behind:
    """For each shown period: do its periods begin before the history, is a day missing in them?"""
    table = clock.periods(every)
    shown = np.array(clock.shown(table), dtype=np.int64)
    first = shown - periods + 1
    opens, closes = table.bounds[np.maximum(first, 0)], table.bounds[shown + 1]
    return Behind(
        (first < 0) | (opens < clock.floor_day(clock.first)),
        clock.lacks_days(opens, closes),
    )
