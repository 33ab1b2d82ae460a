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

from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.parts.period_rows import divided, flags, floats, period_table, with_interval
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
    intervals = period_table(clock, p.every)
    whole = period_table(clock, Grain("total")).select("period_start", "period_end")
    segments = pl.concat([pl.DataFrame({"segments": [""]}), state["frequency"].frame().select("segments")]).unique()
    segments = segments.sort("segments")
    grid = segments.join(pl.DataFrame({"intervals": np.arange(1, intervals.height + 1, dtype=np.int64)}), how="cross")
    exactly = pl.col("customers").fill_null(0).cast(pl.Int64)
    table = grid.join(
        state["frequency"].frame(), on=["segments", "intervals"], how="left", maintain_order="left"
    ).select(
        "segments",
        "intervals",
        customers_exactly=exactly,
        customers_at_least=exactly.cum_sum(reverse=True).over("segments"),
        complete=pl.lit(not clock.until_given or clock.until <= clock.as_of),
        reliable=pl.lit(bool(intervals["reliable"].all())),
    )
    table = flags(table.join(whole, how="cross", maintain_order="left"))
    return View(
        table=table,
        measures=tuple(Measure(name, "count") for name in COUNTS),
        columns=(*(("segments",) if p.by else ()), "intervals", *COUNTS),
        index="intervals",
        semantics=f"customers by the number of intervals ({p.every}) with {_selection(p)}; "
        "the stickiness beside them is that of the complete intervals",
        totals=_stickiness(segments, state["of_complete"].frame(), int(intervals["complete"].sum()), by=bool(p.by)),
    )


def _stickiness(segments: pl.DataFrame, counted: pl.DataFrame, intervals: int, *, by: bool) -> dict[str, Any]:
    """Σ active customers of the complete intervals ÷ (intervals × distinct customers), of everybody and by segment."""
    times, exactly = pl.col("intervals"), pl.col("customers").cast(pl.Int64)
    sums = segments.join(counted, on="segments", how="left", maintain_order="left")
    sums = sums.group_by("segments", maintain_order=True).agg(
        active_intervals=(times * exactly).sum(), squares=(times * times * exactly).sum(), customers=exactly.sum()
    )
    sums = sums.with_columns(denominator=pl.col("customers") * intervals)
    low, high = mean_interval(*floats(sums, "active_intervals", "squares", "customers"))
    sums = with_interval(sums, (np.clip(low / intervals, 0, 1), np.clip(high / intervals, 0, 1)))
    rows = sums.select(
        "segments",
        divided("active_intervals", "denominator").alias("stickiness"),
        "active_intervals",
        "customers",
        pl.lit(intervals, pl.Int64).alias("intervals_of_range"),
        "ci_low",
        "ci_high",
    ).to_dicts()
    everybody = {name: value for name, value in rows[0].items() if name != "segments"}
    return {**everybody, **({"by_segment": rows[1:]} if by else {})}
