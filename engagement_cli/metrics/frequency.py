"""How often customers come: active in exactly n, and in at least n, of the range's intervals.

What: the distribution of customers over the number of intervals in which they were active.
Formula: exactly(n) = |{customer : active in n intervals of `[since, until)`}|; at_least(n) = Σ exactly(m) for m ≥ n.
    Beside it the range's stickiness: Σ active customers of the intervals ÷ (intervals × distinct active customers),
    over the complete intervals.
Reads: events in the range; `active:` says which count (default: every event of weight above zero).
Parameters: active (a selection), every, by (subscription columns as of the range's start).
Example:
    >>> from engagement_cli.metrics.frequency import Parameters
    >>> str(Parameters.model_validate({"type": "frequency", "every": "day"}).active)
    'active'

Source: this program's definitions. The counts have no interval: they are no sample; the stickiness beside them has a
    customer-clustered one. Complete unless the range asked for ends after `as_of`. Incomplete intervals are counted
    in the rows, and left out of the stickiness.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.parts.grid import Grid, ViewColumn, grid_of, periods_shown, segments_of, table
from engagement_cli.metrics.parts.period_rows import flags, interval, quotient
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Select, Selection
from engagement_cli.timeline.activity import pairs
from engagement_cli.timeline.breakdown import Codes, Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.state import State, StateTable

_COUNTED = StateTable({"segments": pl.String, "intervals": pl.Int64}, {"customers": "sum"})
STATE = {"frequency": _COUNTED, "of_complete": _COUNTED}
COUNTS = ("customers_exactly", "customers_at_least")


class Parameters(MetricParameters):
    """Which events count as being active."""

    type: Literal["frequency"]
    active: Select = ACTIVE


def _selection(p: Parameters) -> Selection:
    return narrowed(p.active, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The active events."""
    return Needs(selections=(_selection(p),), by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Customers by segment and number of active intervals: of all intervals, and of the complete ones."""
    parts = [_counts(p, bucket, grouping) for grouping in groupings(bucket, p.by)]
    return {name: table.merge([part[name] for part in parts]) for name, table in STATE.items()}


def _counts(p: Parameters, bucket: Bucket, grouping: Grouping) -> State:
    found = pairs(bucket, p.every, _selection(p), grouping)
    customer = found.customer
    if grouping.of_events:
        order = np.lexsort((found.group, customer))
        customer, group, period = customer[order], found.group[order], found.period[order]
    else:
        period = found.period
        group = grouping.customers(customer, np.full(len(customer), bucket.clock.since, np.int64))
    whole = bucket.clock.complete(bucket.clock.periods(p.every))[period]
    return {
        "frequency": _by_intervals(grouping, customer, group),
        "of_complete": _by_intervals(grouping, customer[whole], group[whole]),
    }


def _by_intervals(grouping: Grouping, customer: NDArray[np.uint32], group: Codes) -> Cells:
    """The state of pairs sorted by customer and group, one an active interval."""
    at = starts(customer, group)
    intervals, ones = lengths(at, len(customer)), np.ones(len(at), np.int64)
    return _COUNTED.of({"segments": grouping.labels(group[at]), "intervals": intervals, "customers": ones})


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and number of intervals, from 1 to all of the range; the stickiness in `totals`."""
    clock = context.clock
    periods = periods_shown(clock, p.every)
    whole = grid_of(segments_of(state["frequency"]), clock, Grain("total"))
    grid = whole.take(np.repeat(np.arange(len(whole)), len(periods)))
    exactly = _by_times(state["frequency"], whole, len(periods))
    counts = (exactly, exactly[:, ::-1].cumsum(axis=1)[:, ::-1])
    intervals = np.tile(np.arange(1, len(periods) + 1), len(whole))
    missing = np.full(len(grid), not periods.reliable.all())
    columns: dict[str, ViewColumn] = {
        "intervals": intervals,
        **{name: count.ravel() for name, count in zip(COUNTS, counts, strict=True)},
        "complete": np.full(len(grid), not clock.until_given or clock.until <= clock.as_of),
        "flags": flags(grid, unreliable=missing),
    }
    of_complete = _by_times(state["of_complete"], whole, len(periods))
    return View(
        table=grid.table(columns),
        measures=tuple(Measure(name, "count") for name in COUNTS),
        columns=(*(("segments",) if p.by else ()), "intervals", *COUNTS),
        index="intervals",
        semantics=f"customers by the number of intervals ({p.every}) with {_selection(p)}; "
        "the stickiness beside them is that of the complete intervals",
        totals=_stickiness(whole.names, of_complete, int(periods.complete.sum()), by=bool(p.by)),
    )


def _by_times(counted: Cells, whole: Grid, most: int) -> Int64s:
    """Customers by segment of the grid and number of intervals, from 1 to the most."""
    found = np.zeros((len(whole), most), np.int64)
    found[whole.segments_of(counted), counted.numbers("intervals") - 1] = counted.numbers("customers")
    return found


def _stickiness(names: tuple[str, ...], exactly: Int64s, intervals: int, *, by: bool) -> dict[str, Any]:
    """Σ active customers of the complete intervals ÷ (intervals × distinct customers), of everybody and by segment."""
    times = np.arange(1, exactly.shape[1] + 1)
    active, squares, customers = exactly @ times, exactly @ (times * times), exactly.sum(axis=1)
    low, high = (
        np.clip(end / intervals, 0, 1)
        for end in mean_interval(*(sums.astype(np.float64) for sums in (active, squares, customers)))
    )
    columns: dict[str, ViewColumn] = {
        "stickiness": quotient(active, customers * intervals),
        "active_intervals": active,
        "customers": customers,
        "intervals_of_range": np.full(len(names), intervals),
        **interval((low, high)),
    }
    everybody, *others = table(columns).to_dicts()
    by_segment = [{"segments": name, **row} for name, row in zip(names[1:], others, strict=True)]
    return {**everybody, **({"by_segment": by_segment} if by else {})}
