"""What customers have spent to date: revenue, and the frequency, recency, T and monetary value of fitted models."""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.kernels.intervals import mean_interval
from engagement_cli.metrics.parts.amounts import SCALE
from engagement_cli.metrics.parts.period_rows import by_period, flags, interval, quotient
from engagement_cli.metrics.parts.purchases import Buyers, buyers
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.state import State, StateTable

TOTAL = Grain("total")
_SUMS = ("customers", "repeat", "frequency", "recency", "age", "revenue", "squares", "monetary")
STATE = {"observed": StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(_SUMS, "sum"))}


def measure(bucket: Bucket, selection: Selection, value: str, by: tuple[str, ...]) -> State:
    """The customers' sums by segment; by a column of events, that of the first purchase."""
    found = buyers(bucket, selection, value)
    parts = [_sums(bucket, found, grouping) for grouping in groupings(bucket, by)]
    return {"observed": STATE["observed"].merge(parts)}


def _sums(bucket: Bucket, found: Buyers, grouping: Grouping) -> Cells:
    start = np.full(len(found.first), bucket.clock.since, np.int64)
    monetary = np.rint(found.later / np.maximum(found.frequency, 1)).astype(np.int64)  # half-even, to 10⁻⁶
    money = pl.Series(found.revenue).cast(pl.Int128)
    return STATE["observed"].of(
        {
            "segments": grouping.labels(grouping.rows(found.first, start)),
            "period": 0,
            "customers": 1,
            "repeat": (found.frequency > 0).astype(np.int64),
            "frequency": found.frequency,
            "recency": found.recency,
            "age": found.age,
            "revenue": found.revenue,
            "monetary": monetary,
            "squares": money * money,
        }
    )


def finish(state: State, context: Context, *, weeks: bool) -> View:
    """A row a segment: revenue a customer, and the means of frequency, recency, T and monetary value."""
    per = 7 if weeks else 1
    rows = by_period(state["observed"], context.clock, TOTAL)
    revenue, squares, customers = rows.floats("revenue", "squares", "customers")
    frequency, recency, age, monetary = rows.floats("frequency", "recency", "age", "monetary")
    low, high = mean_interval(revenue, squares, customers)
    columns = {
        "revenue_per_customer": quotient(revenue, customers, SCALE),
        **interval((low / SCALE, high / SCALE)),
        "revenue": revenue / SCALE,
        "frequency": quotient(frequency, customers),
        "recency": quotient(recency, customers, per),
        "T": quotient(age, customers, per),
        "monetary_value": quotient(monetary, rows.number("repeat"), SCALE),
        "repeat_customers": rows.whole("repeat"),
        "n": rows.whole("customers"),
    }
    unit = "weeks" if weeks else "days"
    money = context.money
    return View(
        table=rows.grid.table({**columns, "flags": flags(rows.grid, customers)}),
        measures=(
            Measure("revenue_per_customer", money, "revenue", "n", "n", "ci_low", "ci_high"),
            Measure("revenue", money, n="n"),
            Measure("frequency", "number", n="n"),
            Measure("recency", "number" if weeks else "days", n="n"),
            Measure("T", "number" if weeks else "days", n="n"),
            Measure("monetary_value", money, n="repeat_customers"),
            Measure("repeat_customers", "count"),
        ),
        columns=("period_start", "period_end", "segments", *columns, "complete"),
        semantics="revenue to date a customer with a purchase; frequency: purchase days after the first; "
        f"recency and T: {unit} from the first purchase day to the last one and to the last included day; "
        "interval by customer",
    )
