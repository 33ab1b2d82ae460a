"""Two aggregates, one divided by the other, by period.

What: a ratio of sums, each side with its own filter; the sides are not intersected.
Formula: Σ numerator ÷ Σ denominator over customers; with `cap`, at most so much of the numerator a customer and period.
Reads: what its two aggregates read.
Parameters: numerator, denominator (count, sum, distinct or last), cap, unit (ratio, share, money, seconds …), every,
    by.
Example:
    >>> from engagement_cli.metrics.ratio import Parameters
    >>> p = Parameters.model_validate({"type": "ratio", "numerator": {"count": "events"},
    ...                                "denominator": {"count": "customers"}})
    >>> p.numerator.count
    'events'

Source: this program's definitions. The 95 % interval is customer-clustered (delta method): a customer may count more
    than once. There is none where a side comes from the audience, whose rows are no customers. Deng, Knoblich and Lu
    (2018), "Applying the Delta Method in Metric Analytics".
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl
from pydantic import model_validator

from engagement_cli.kernels.arrays import Flags
from engagement_cli.kernels.intervals import clustered_ratio
from engagement_cli.metrics.parts.amounts import SCALE, amounts, needs_of, selection_of
from engagement_cli.metrics.parts.contributions import Amounts
from engagement_cli.metrics.parts.counted_sides import moments_of_counts
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.per_customer import MOMENTS, moments_of_sides
from engagement_cli.metrics.parts.period_rows import Word, by_period, flags, interval, quotient, without_customers
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.native.moments import NOBODY, Side
from engagement_cli.records import replace
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import Aggregate, MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Number
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import Column, State, StateTable

# Things (orders, distinct values) of nobody may lie in several buckets: they are counted once all are together.
STATE = {"moments": MOMENTS, "things": StateTable({**SEGMENT_AND_PERIOD, "above": pl.Boolean, "thing": pl.UInt64})}


class Parameters(MetricParameters):
    """Two aggregates and what may be said about their quotient."""

    type: Literal["ratio"]
    numerator: Aggregate
    denominator: Aggregate
    cap: Number | None = None
    unit: Literal["ratio", "share", "money", "seconds", "count", "number"] | None = None

    @model_validator(mode="after")
    def _additive(self) -> Parameters:
        for side, aggregate in (("numerator", self.numerator), ("denominator", self.denominator)):
            if aggregate.operation in ("mean", "median", "max"):
                raise ValueError(
                    f"{side}: {aggregate.operation} does not add up over customers; use sum, count, distinct or last"
                )
        if self.cap is not None and self.cap <= 0:
            raise ValueError("cap: must be more than zero")
        return self


def needs(p: Parameters, settings: Settings) -> Needs:
    """What both sides read."""
    sides = [needs_of(side, p.where, p.by) for side in (p.numerator, p.denominator)]
    return Needs(
        sources=sides[0].sources | sides[1].sources,
        selections=sides[0].selections + sides[1].selections,
        numbers=sides[0].numbers + sides[1].numbers,
        things=sides[0].things + sides[1].things,
        columns=sides[0].columns + sides[1].columns,
        predicates=sides[0].predicates + sides[1].predicates,
        by=p.by,
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Sums, squares and products over the bucket's customers."""
    cap = None if p.cap is None else round(p.cap * _scale(p.numerator))
    x_of, y_of = ((side, selection_of(side, p.where)) for side in (p.numerator, p.denominator))
    parts, things = [], []
    for grouping in groupings(bucket, p.by):
        counted = moments_of_counts(bucket, x_of, y_of, p.every, grouping, cap)
        if counted is not None:
            parts.append(counted)
            continue
        sides = [amounts(bucket, side, p.where, p.every, grouping) for side in (p.numerator, p.denominator)]
        things += [_of_nobody(side, grouping, above=i == 0) for i, side in enumerate(sides)]
        x, y = (side.side(grouping) for side in sides)
        parts.append(_moments(x, y, grouping, cap))
    return {"moments": MOMENTS.merge(parts), "things": STATE["things"].merge(things)}


def _moments(x: Side, y: Side, grouping: Grouping, cap: int | None) -> Cells:
    if x.group is None or y.group is None:
        return moments_of_sides(x, y, ("",), cap)
    labels = grouping.labels(np.concatenate([x.group, y.group]))
    of_x, of_y = labels.codes[: len(x)], labels.codes[len(x) :]
    return moments_of_sides(replace(x, group=of_x), replace(y, group=of_y), labels.texts, cap)


def _of_nobody(found: Amounts, grouping: Grouping, *, above: bool) -> Cells:
    if found.thing is None:
        return STATE["things"].empty()
    lost = found.customer == NOBODY
    if not lost.any():
        return STATE["things"].empty()
    labels = grouping.labels(found.group[lost])
    above_each = np.full(len(labels), above)
    keys: dict[str, Column] = {"segments": labels, "period": found.period[lost], "thing": found.thing[lost]}
    return STATE["things"].of({**keys, "above": above_each})


def _scale(side: Aggregate) -> int:
    return SCALE if side.operation in ("sum", "last") else 1


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: value, numerator, denominator, n, interval."""
    top, bottom = _scale(p.numerator), _scale(p.denominator)
    whole = state["moments"]
    if len(state["things"]):
        whole = MOMENTS.merge([whole, _moments_of_nobody(p, state["things"])])
    rows = by_period(whole, context.clock, p.every)
    x, y, *_, n = sums = rows.floats(*MOMENTS.values)
    low, high = (end * (bottom / top) for end in clustered_ratio(*sums))
    value = quotient(x, y, max(top // bottom, 1)) * max(bottom // top, 1)
    of_nobody = "audience" in (p.numerator.source, p.denominator.source)
    above: dict[Word, Flags] = {"above_one": value > 1} if p.unit == "share" else {}
    columns: dict[str, ViewColumn] = {
        "value": value,
        "numerator": x / top,
        "denominator": y / bottom,
        "n": rows.whole("n"),
        **interval((low, high)),
        "flags": flags(rows.grid, None if of_nobody else n, above),
    }
    if of_nobody:
        columns |= without_customers(len(n))
    unit = context.money if p.unit == "money" else p.unit or "ratio"
    return View(
        table=rows.grid.table(columns),
        measures=(Measure("value", unit, "numerator", "denominator", "n", "ci_low", "ci_high"),),
        columns=(
            "period_start",
            "period_end",
            "segments",
            "value",
            "numerator",
            "denominator",
            "ci_low",
            "ci_high",
            "n",
            "complete",
        ),
        semantics=f"{_words(p.numerator)} ÷ {_words(p.denominator)}, {p.every.words}"
        f"{'' if of_nobody else '; interval by customer'}",
    )


def _moments_of_nobody(p: Parameters, things: Cells) -> Cells:
    """Each thing of nobody stands for itself, like a row of nobody."""
    above = things.numbers("above")
    x, y = above * (1 if p.cap is None else min(1, round(p.cap))), 1 - above
    keys = things.keys("segments", "period")
    return MOMENTS.of({**keys, "x": x, "y": y, "xx": x * x, "yy": y, "xy": 0, "n": y})


def _words(side: Aggregate) -> str:
    """`sessions (active)`, `sum of value (purchase)`, with the source where it is not the events."""
    source = "" if side.source == "events" else f" from {side.source}"
    return f"{side.words}{source} ({side.selection if side.source == 'events' else side.where or 'any row'})"
