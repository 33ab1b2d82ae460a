"""What was spent on campaigns, channels or whatever else the costs are told by, by period.

What: the sum of a cost column of events; or, where the configuration has `costs:`, what stands there, and no column.
Formula: Σ cost of the period's rows; of `costs:`, each amount × the share of its days `[from, until)` that lie in the
    period and in the data. An amount without dates is of all rows' time: it counts with `every: total` alone, where no
    row lies outside the range, and any other period has no number.
Reads: the column `cost` of events, or none.
Parameters: column (cost), events (default: any), every, by. With `costs:`, by is one of its headings; each heading is a
    full account of its own, so that they are never added together, and undivided the first one counts.
Example:
    >>> from engagement_cli.metrics.cost import Parameters
    >>> Parameters.model_validate({"type": "cost", "by": ["campaign"]}).column
    'cost'

Source: this program's definitions. A sum of everything that was spent is no sample: there is no interval.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from engagement_cli.errors import UserError
from engagement_cli.metrics.parts.amounts import SCALE, amounts, needs_of
from engagement_cli.metrics.parts.period_rows import by_period, flags
from engagement_cli.metrics.parts.spending import spent
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import Aggregate, MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Names
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {"sums": StateTable(SEGMENT_AND_PERIOD, {"total": "sum", "count": "sum"})}
_CONFIGURED = StateTable(SEGMENT_AND_PERIOD, {"total": "sum", "unknown": "sum"})
COLUMNS = ("period_start", "period_end", "segments", "value", "complete")


class Parameters(MetricParameters):
    """Which column of which events holds the cost, where the configuration has no `costs:`."""

    type: Literal["cost"]
    column: str = "cost"
    events: Names | None = None


def needs(p: Parameters, settings: Settings) -> Needs:
    """The cost column; nothing where the configuration tells the costs. Raises `UserError` for a filter on those."""
    if not settings.costs:
        return needs_of(_sum(p), p.where, p.by)
    if p.where is not None or p.events is not None:
        key = "where" if p.where is not None else "events"
        raise UserError(f"{key}: chooses rows, and the costs stand in the configuration", where=f"{key}:")
    return Needs(by=p.by, configured=frozenset({"costs"}))


def _sum(p: Parameters) -> Aggregate:
    return Aggregate(sum=p.column, events=p.events)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Costs of the bucket's rows summed by segment and period; nothing of costs that stand in the configuration."""
    if bucket.settings.costs:
        return {}
    parts = []
    for grouping in groupings(bucket, p.by):
        found = amounts(bucket, _sum(p), p.where, p.every, grouping)
        keys: dict[str, Column] = {"segments": grouping.labels(found.group), "period": found.period}
        parts.append(STATE["sums"].of({**keys, "total": found.amounts, "count": 1}))
    return {"sums": STATE["sums"].merge(parts)}


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period with `value`; null where costs without dates cannot be told by period."""
    clock, costs = context.clock, context.settings.costs
    heading = _heading(p, context.settings)
    name = heading or next(iter(costs), "")
    cells = _configured(p, name, context, divided=bool(heading)) if costs else state["sums"]
    rows = by_period(cells, clock, p.every)
    undated = rows.whole("unknown") > 0 if costs else np.zeros(len(rows.grid), np.bool_)
    value = np.where(undated, np.nan, rows.floats("total")[0] / SCALE)
    said = f"costs: of the configuration, by {name}" if costs else f"sum of {p.column}, {_sum(p).selection} from events"
    return View(
        table=rows.grid.table({"value": value, "flags": flags(rows.grid, None, {"undated_costs": undated})}),
        measures=(Measure("value", context.money),),
        columns=COLUMNS,
        semantics=f"{said}, {p.every.words}",
    )


def _heading(p: Parameters, settings: Settings) -> str | None:
    """The heading of `costs:` that is the breakdown, by its own name or by its segment's column; None where none is."""
    if len(p.by) != 1:
        return None
    segment = settings.segments.get(p.by[0])
    column = (segment.column or "").removeprefix("events.") if segment is not None else p.by[0]
    return next((name for name in (p.by[0], column) if name in settings.costs), None)


def _configured(p: Parameters, heading: str, context: Context, *, divided: bool) -> Cells:
    """Totals in millionths, and how many amounts of each cannot be told by period."""
    account = context.settings.costs[heading]
    spendings = {"": tuple(s for each in account.values() for s in each)}
    if divided:
        spendings |= {f"{p.by[0]}={value}": each for value, each in account.items()}
    parts: list[dict[str, Column]] = []
    for segments, each in spendings.items():
        total, unknown = spent(each, context.clock, p.every)
        parts.append({"segments": segments, "period": np.arange(len(total)), "total": total, "unknown": unknown})
    return _CONFIGURED.of_all(parts)
