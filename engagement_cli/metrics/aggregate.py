"""One number over rows: a count, sum, mean, median, maximum or number of distinct values, by period.

What: counts of rows, events, customers, sessions or orders, or an operation on a column, from any source, filtered
    by event names and/or a SQL predicate.
Formula: count = |rows|; customers = |distinct customers|; orders = |distinct order ids|, or |events| where the export
    has none; mean = Σ value ÷ rows with a value; median = the exact middle of all values; with `absolute`, of amounts
    without their sign, so that refunds add up to what was paid back however an export writes them; last = Σ over
    accounts of the last value before the period's end (`at: start`: before its start), so that an account without a row
    in the period keeps the value before it, which is flagged `carried_over`; nothing where no account has any yet.
Reads: events (or the source named), the column of the operation, `order` for orders.
Parameters: one of count, sum, mean, median, max, distinct, last (of the audience; with of, at); absolute, events,
    where, source, every, by.
Example:
    >>> from engagement_cli.metrics.aggregate import Parameters
    >>> Parameters.model_validate({"type": "aggregate", "count": "customers", "events": ["video"]}).operation
    'count'

Source: this program's definitions. Means have a customer-clustered 95 % interval (delta method). Deng, Knoblich and
    Lu (2018), "Applying the Delta Method in Metric Analytics".
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from pydantic import Field

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.intervals import clustered_ratio
from engagement_cli.metrics.parts.amounts import SCALE, amounts, needs_of
from engagement_cli.metrics.parts.contributions import Amounts
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments
from engagement_cli.metrics.parts.period_rows import (
    PeriodRows,
    Word,
    by_period,
    flags,
    interval,
    quotient,
    without_customers,
)
from engagement_cli.metrics.parts.row_counts import rows_by_period
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import Aggregate, MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    "counts": StateTable(SEGMENT_AND_PERIOD, {"count": "sum"}),
    "sums": StateTable(SEGMENT_AND_PERIOD, {"total": "sum", "count": "sum"}),
    "stocks": StateTable(SEGMENT_AND_PERIOD, {"total": "sum", "count": "sum", "new": "sum"}),
    "largest": StateTable(SEGMENT_AND_PERIOD, {"largest": "max", "count": "sum"}),
    "things": StateTable({**SEGMENT_AND_PERIOD, "thing": pl.UInt64}),
    "runs": StateTable({**SEGMENT_AND_PERIOD, "value": pl.Int64}, {"count": "sum"}),
    "means": MOMENTS,
}


class Parameters(Aggregate, MetricParameters):
    """An aggregate with the fields of every metric entry."""

    type: Literal["aggregate"]
    unit: Annotated[str | None, Field(description="count, money, seconds, days, points, or number")] = None


def needs(p: Parameters, settings: Settings) -> Needs:
    """The selected rows and the column of the operation."""
    return needs_of(p, None, p.by)


def _table(p: Parameters) -> str:
    if p.operation == "count":
        return "things" if p.count == "orders" else "counts"
    return {"sum": "sums", "last": "stocks", "max": "largest", "distinct": "things", "median": "runs", "mean": "means"}[
        p.operation
    ]


def measure(p: Parameters, bucket: Bucket) -> State:
    """Contributions summed by segment and period; distinct things stay in the state."""
    state: State = {}
    name = _table(p)
    if p.source == "events" and p.count in ("rows", "events") and not p.by:
        return {name: _rows(rows_by_period(bucket, p.selection, p.every))}
    for grouping in groupings(bucket, p.by):
        found = amounts(bucket, p, None, p.every, grouping)
        labels = grouping.labels(found.group)
        for table, part in _parts(name, found, labels):
            state[table] = STATE[table].merge([*([state[table]] if table in state else []), part])
    return state


def _rows(counts: Int64s) -> Cells:
    """The state of so many rows in each period."""
    (period,) = counts.nonzero()
    return STATE["counts"].of_distinct({"segments": "", "period": period, "count": counts[period]})


def _parts(name: str, found: Amounts, labels: Labels) -> list[tuple[str, Cells]]:
    keys: dict[str, Column] = {"segments": labels, "period": found.period}
    each = 1 if found.amount is None else found.amount
    match name:
        case "counts":
            return [(name, STATE[name].of({**keys, "count": each}))]
        case "sums":
            return [(name, STATE[name].of({**keys, "total": each, "count": 1}))]
        case "stocks":
            new = 1 if found.new is None else found.new.astype(np.int64)
            return [(name, STATE[name].of({**keys, "total": each, "count": 1, "new": new}))]
        case "largest":
            return [(name, STATE[name].of({**keys, "largest": found.amounts, "count": 1}))]
        case "runs":
            return [(name, STATE[name].of({**keys, "value": found.amounts, "count": 1}))]
        case "means":
            ones = np.ones(len(found.period), np.int64)
            return [(name, moments(found.customer, found.period, labels, found.amounts, ones))]
    if found.thing is None:  # orders of an export without order ids: every selected event is one
        return [("counts", STATE["counts"].of({**keys, "count": each}))]
    return [(name, STATE[name].of({**keys, "thing": found.thing}))]


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period with `value`; means carry n and an interval."""
    name, clock = _table(p), context.clock
    said: dict[Word, Flags] = {}
    if name == "things":
        distinct = STATE["counts"].of_distinct(state["things"].counted(list(SEGMENT_AND_PERIOD), "count"))
        rows = by_period(STATE["counts"].merge([distinct, state["counts"]]), clock, p.every)
    elif name == "runs":
        groups, middle = quantile(state[name], "value", "count", 0.5, list(SEGMENT_AND_PERIOD))
        rows = by_period(groups, clock, p.every)
    else:
        rows = by_period(state[name], clock, p.every)
    if name == "means":
        return _mean(p, rows, context)
    if name == "runs":
        value = rows.spread(middle) / SCALE
    elif name in ("things", "counts"):
        (value,) = rows.floats("count")
    else:
        value = rows.floats("largest" if name == "largest" else "total")[0] / SCALE
    if name == "stocks":
        count = rows.whole("count")
        value = np.where(count > 0, value, np.nan)
        said = {"carried_over": (rows.whole("new") < count) & (p.at != "start")}
    return View(
        table=rows.grid.table({"value": value, "flags": flags(rows.grid, None, said)}),
        measures=(Measure("value", _unit(p, context)),),
        columns=("period_start", "period_end", "segments", "value", "complete"),
        semantics=_semantics(p),
    )


def _mean(p: Parameters, rows: PeriodRows, context: Context) -> View:
    x, y, *_, n = sums = rows.floats(*MOMENTS.values)
    low, high = clustered_ratio(*sums)
    columns: dict[str, ViewColumn] = {
        "value": quotient(x, y, SCALE),
        "numerator": x / SCALE,
        "denominator": y,
        "n": rows.whole("n"),
        **interval((low / SCALE, high / SCALE)),
        "flags": flags(rows.grid, None if p.source == "audience" else n),
    }
    if p.source == "audience":
        columns |= without_customers(len(n))
    return View(
        table=rows.grid.table(columns),
        measures=(Measure("value", _unit(p, context), "numerator", "denominator", "n", "ci_low", "ci_high"),),
        columns=("period_start", "period_end", "segments", "value", "ci_low", "ci_high", "n", "complete"),
        semantics=_semantics(p),
    )


def _unit(p: Parameters, context: Context) -> str:
    if p.unit is not None:
        return context.money if p.unit == "money" else p.unit
    if p.operation in ("count", "distinct"):
        return "count"
    return context.money if p.column in ("value", "mrr") else "number"


def _semantics(p: Parameters) -> str:
    if p.operation == "last":
        rows = f" where {p.where}" if p.where is not None else ""
        return f"{p.words} from {p.source}{rows}, added up, {p.every.words}; what has no new value keeps the one before"
    return f"{p.words}, {p.selection} from {p.source}, {p.every.words}"
