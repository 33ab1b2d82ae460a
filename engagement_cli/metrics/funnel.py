"""Funnel: of the customers who enter at step 1, how many get to each further step, and how fast.

What: the customers of each step, conversion from the start and from the step before, drop-off, and the time between.
Formula: conversion_from_start = customers at the step ÷ customers at step 1; conversion_from_previous = customers at
    the step ÷ customers at the one before; drop_off = 1 − that. Seconds are those of the customers who reached the
    step. open = entrants whose window has not elapsed at `as_of`: they stay in the denominators, and make the rates
    provisional.
Reads: events; step 1 lies in `[since, until)`, later steps may lie past `until`, within the window.
Parameters: steps, window (14d, inclusive, from the entry; in any order from the earliest step), order (sequential:
    others may lie between; strict: no other row that passes `where`; any), reentry (any: the deepest attempt, the
    earliest of equals; first), exclude (event, event:from:to, or event/where/from/to: strictly between these steps of
    the counted attempt it drops the customer), hold (a property that all steps share; rows without it play no part),
    every (total; else each period's row is the funnel of those who enter in it), by (event columns: of the entry).
Example:
    >>> from engagement_cli.metrics.funnel import Parameters
    >>> p = Parameters.model_validate({"type": "funnel", "steps": ["visit", "cart", "pay"], "exclude": ["refund:1:2"]})
    >>> p.exclude[0].between(3)
    (1, 2)

Source: this program's definitions. Wilson's 95 % interval: a customer converts or does not. One event never fills two
    steps; equal times count in either order. Wilson (1927), "Probable Inference, the Law of Succession, and
    Statistical Inference".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engagement_cli.kernels import funnel as kernel
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.metrics.parts.funnel_exclusions import Excluded
from engagement_cli.metrics.parts.funnel_rows import COLUMNS, MEASURES, SINCE, STATE, funnel_rows
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Every, Grain, Select, Selection, format_duration
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket, Rows
from engagement_cli.timeline.needs import EVERYTHING, Needs, narrowed
from engagement_cli.timeline.state import Column, State

__all__ = ["STATE", "Parameters", "finish", "measure", "needs"]


class Parameters(MetricParameters):
    """The steps, how they must follow each other, and within what time."""

    type: Literal["funnel"]
    steps: Annotated[tuple[Select, ...], Field(min_length=1, max_length=kernel.MOST_STEPS)]
    window: Duration = timedelta(days=14)
    order: Literal["sequential", "strict", "any"] = "sequential"
    reentry: Literal["any", "first"] = "any"
    exclude: tuple[Excluded, ...] = ()
    hold: Annotated[str, Field(min_length=1, description="a property that is the same in all steps")] | None = None
    every: Every = Grain("total")

    @model_validator(mode="after")
    def _between_steps(self) -> Parameters:
        for exclusion in self.exclude:
            first, last = exclusion.between(len(self.steps))
            if not 1 <= first < last <= len(self.steps):
                raise ValueError(
                    f"exclude: {exclusion} between steps {first} and {last}: name two of the {len(self.steps)} steps, "
                    "the earlier first"
                )
        return self


@dataclass(frozen=True)
class _Entrants:
    """The counted attempts of one period: the entry's row, the steps reached, times of shape (steps, customers)."""

    period: int
    rows: Rows
    depth: NDArray[np.int8]
    times: Int64s
    dropped: int


def needs(p: Parameters, settings: Settings) -> Needs:
    """The steps, what must not lie between them, and, in a strict order, what else there is."""
    required, optional = required_and_optional(_steps(p))
    others = (*(narrowed(e.selection, p.where) for e in p.exclude), narrowed(EVERYTHING, p.where))
    return Needs(
        selections=required,
        optional=tuple(dict.fromkeys((*optional, *others))),
        things=() if p.hold is None else (p.hold,),
        by=p.by,
    )


def _steps(p: Parameters) -> list[Selection]:
    return [narrowed(step, p.where) for step in p.steps]


def measure(p: Parameters, bucket: Bucket) -> State:
    """Counts and durations of the bucket's customers by segment, entry period and step."""
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in STATE}
    ways = groupings(bucket, p.by)
    for entrants in _entrants(p, bucket):
        parts["dropped"].append(STATE["dropped"].of({"period": entrants.period, "customers": entrants.dropped}))
        for grouping in ways:
            steps, durations = _of_grouping(p, bucket, grouping, entrants)
            parts["steps"].append(steps)
            parts["durations"].append(durations)
    return {name: table.merge(parts[name]) for name, table in STATE.items()}


def _entrants(p: Parameters, bucket: Bucket) -> Iterator[_Entrants]:
    """Period by period, the attempts of those who enter in it."""
    clock, steps = bucket.clock, len(p.steps)
    table, window = clock.periods(p.every), clock.ticks(p.window)
    whole = bucket.rows if p.hold is None else bucket.valued.take(bucket.valued.things[p.hold] != 0)
    whole = bucket.select(whole, narrowed(EVERYTHING, p.where))
    bits = np.zeros(len(bucket.kinds), np.int64)
    for number, step in enumerate(_steps(p)):
        bits |= bucket.mask(step).astype(np.int64) << number
    excluded = [bucket.mask(narrowed(e.selection, p.where)) for e in p.exclude]
    if p.order != "strict":
        plays = np.logical_or.reduce([bits > 0, *excluded])
        whole = whole if plays.all() else whole.take(plays[whole.kind])
    enters = bits & (1 if p.order != "any" else -1) > 0
    opened = np.unique(table.index(whole.time[enters[whole.kind]]))
    shown = clock.shown(table)
    for period in opened[(opened >= shown.start) & (opened < shown.stop)].tolist():
        begin = max(int(table.bounds[period]), clock.since)
        end = min(int(table.bounds[period + 1]), clock.until)
        rows = whole.take((whole.time >= begin) & (whole.time < end + window))
        between = [exclusion.between(steps) for exclusion in p.exclude]
        found = kernel.convert(
            rows.customer,
            rows.time,
            bits[rows.kind],
            steps,
            window,
            order=p.order,
            reentry=p.reentry,
            entry=rows.time < end,
            held=None if p.hold is None else _dense(rows.things[p.hold]),
            exclusions=[
                kernel.Exclusion(mask[rows.kind], *steps_between)
                for mask, steps_between in zip(excluded, between, strict=True)
            ],
        )
        yield _Entrants(period, rows.take(found.entry_row), found.depth, found.times, found.dropped)


def _dense(things: NDArray[np.uint64]) -> Int64s:
    return np.unique(things, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _of_grouping(
    p: Parameters, bucket: Bucket, grouping: Grouping, entrants: _Entrants
) -> tuple[pl.DataFrame, pl.DataFrame]:
    clock, times = bucket.clock, entrants.times
    at = np.full(len(entrants.rows), clock.periods(p.every).bounds[entrants.period], np.int64)
    labels = grouping.labels(grouping.rows(entrants.rows, at))
    still_open = (times[0] + clock.ticks(p.window) >= clock.as_of).astype(np.int64)
    step, who = np.nonzero(entrants.depth > np.arange(len(p.steps))[:, None])
    ticks = {"previous": times[step, who] - times[np.maximum(step - 1, 0), who]}
    ticks["start"] = times[step, who] - times[0, who]
    ones = np.ones(len(who), np.int64)
    keys: dict[str, Column] = {"segments": labels.gather(who), "period": entrants.period, "step": step + 1}
    counts = STATE["steps"].of({**keys, "customers": ones, "open": still_open[who], **ticks})
    later = np.flatnonzero(step)
    keys = {"segments": labels.gather(who[later]), "period": entrants.period, "step": step[later] + 1}
    durations = [
        STATE["durations"].of({**keys, "since": since, "value": ticks[since][later], "count": ones[later]})
        for since in SINCE
    ]
    return counts, STATE["durations"].merge(durations)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment, period and step, with all steps of every period."""
    periods = ("period_start", "period_end") if p.every.unit != "total" else ()
    return View(
        table=funnel_rows(state, _step_names(p), context.clock, p.every),
        measures=MEASURES,
        columns=(*periods, *COLUMNS, *(("complete",) if periods else ())),
        index="step",
        step_column="event",
        semantics=_semantics(p),
        totals={"dropped": int(state["dropped"]["customers"].sum() or 0)} if p.exclude else {},
    )


def _step_names(p: Parameters) -> list[str]:
    if p.order == "any":
        return [f"{number} of {len(p.steps)} steps" for number in range(1, len(p.steps) + 1)]
    return [str(step) for step in p.steps]


def _semantics(p: Parameters) -> str:
    order = {
        "sequential": "steps in order, others may lie between",
        "strict": "steps in order, nothing else between",
        "any": "steps in any order",
    }[p.order]
    counted = "the deepest attempt counts" if p.reentry == "any" else "the first attempt counts"
    parts = [order, f"within {format_duration(p.window)} of the entry", counted]
    parts += [f"the same {p.hold} in all"] if p.hold is not None else []
    parts += ["without {} between steps {} and {}".format(e, *e.between(len(p.steps))) for e in p.exclude]
    return "; ".join(parts)
