"""Retention: of the customers of each cohort, how many came back in each later period.

What: cohorts by the period of a start event; a cell says how many members had a return event in a period after it.
Formula: rate = retained ÷ eligible; period 0 is the cohort's own, from the entry on. The mean of a period is pooled,
    Σ retained ÷ Σ eligible over the cells that have ended; the simple mean of the cohorts' rates is `mean_of_cohorts`.
Reads: events before `until`; a first time is the first in all history, also before `since`.
Parameters: start, return (default: active), every (hour, day, week, month, quarter), intervals (period 0 included;
    default 12; without `since` also the number of cohorts; the last is that of the last instant before `until`),
    brackets (such as "1-3", instead of intervals), entry (recurring: in every cohort in which the start event occurs;
    first_time), criterion (on: in the period; on_or_after: in it or later, provisional for ever), clock (calendar;
    elapsed: 24 h from the entry, months of 30 days), min_count (returns needed), show (the period that stands for the
    metric; default all), by (event columns: of the entry's event).
Example:
    >>> from engagement_cli.metrics.retention import Parameters
    >>> p = Parameters.model_validate({"type": "retention", "start": "signup", "brackets": ["0", "1-3"]})
    >>> p.cells
    ((0, 0), (1, 3))

Source: this program's definitions. Intervals: Wilson in a cohort; pooled over recurring cohorts customer-clustered.
    Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference".

Cells that end after `as_of`, or after an `until` that was asked for, are listed with `complete` false and left out of
the means. By the calendar they hold who came back so far, out of the whole cohort; by the elapsed clock the members
whose own period has ended. Of cells that have not begun the rate is null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engagement_cli.kernels.retention import RetentionCells, cells
from engagement_cli.metrics.parts.cohorts import Bracket, Cohorts, cohorts, parse_bracket
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.retention_rows import MOMENTS, STATE, cell_rows, mean_of_cohorts, pooled_rows
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Names, Select, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.needs import ACTIVE, Needs, narrowed
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.state import Column, State

__all__ = ["STATE", "Parameters", "finish", "measure", "needs"]

DEFAULT_INTERVALS = 12


class Parameters(MetricParameters):
    """What begins a cohort, what counts as coming back, and when."""

    type: Literal["retention"]
    start: Select
    return_: Annotated[Select, Field(alias="return")] = ACTIVE
    intervals: Annotated[int, Field(ge=1, le=1000)] | None = None
    brackets: Names = ()
    entry: Literal["recurring", "first_time"] = "recurring"
    criterion: Literal["on", "on_or_after"] = "on"
    clock: Literal["calendar", "elapsed"] = "calendar"
    min_count: Annotated[int, Field(ge=1)] = 1
    show: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Parameters:
        if self.every.unit == "total":
            raise ValueError("every: retention needs hour, day, week, month or quarter")
        if self.brackets and self.intervals is not None:
            raise ValueError("brackets: go instead of intervals:")
        starts = [first for first, _ in self.cells]
        if self.show is not None and self.show not in starts:
            raise ValueError(f"show: {self.show} is none of the periods {', '.join(str(s) for s in starts)}")
        return self

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """How many intervals there are where nothing is said."""
        return {} if self.brackets else {"intervals": DEFAULT_INTERVALS}

    @property
    def cells(self) -> tuple[Bracket, ...]:
        """The brackets of periods (first, last) that have a cell in each cohort."""
        if self.brackets:
            return tuple(parse_bracket(text) for text in self.brackets)
        return tuple((period, period) for period in range(self.intervals or DEFAULT_INTERVALS))


def _sides(p: Parameters) -> tuple[Selection, Selection]:
    return narrowed(p.start, p.where), narrowed(p.return_, p.where)


def _cohorts(p: Parameters, clock: Clock) -> Cohorts:
    count = max(last for _, last in p.cells) + 1
    return clock.shared(("cohorts", p.every, p.cells), lambda: cohorts(clock, p.every, count, p.cells))


def needs(p: Parameters, settings: Settings) -> Needs:
    """The start and the return events."""
    required, optional = required_and_optional(_sides(p))
    return Needs(selections=required, optional=optional, by=p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Counts of the bucket's customers by segment, cohort and bracket."""
    which = _cohorts(p, bucket.clock)
    parts = [_of_grouping(p, bucket, grouping, which) for grouping in groupings(bucket, p.by)]
    return {name: table.merge([part[name] for part in parts]) for name, table in STATE.items()}


def _of_grouping(p: Parameters, bucket: Bucket, grouping: Grouping, which: Cohorts) -> State:
    rows = bucket.rows
    starting, returning = (bucket.mask(selection) for selection in _sides(p))
    group, labels = _groups(rows, grouping, starting, which)
    found = cells(
        rows.customer,
        rows.time,
        rows.kind,
        starting,
        returning,
        which.table.bounds,
        since=which.since,
        until=which.until,
        as_of=which.end,
        seen=which.until,
        brackets=p.cells,
        clock=p.clock,
        length=which.length,
        criterion=p.criterion,
        entry=p.entry,
        min_count=p.min_count,
        group=group,
        groups=len(labels),
    )
    return _state(found, labels, len(p.cells))


def _groups(rows: Rows, grouping: Grouping, starting: Mask, which: Cohorts) -> tuple[NDArray[np.int64] | None, Labels]:
    """A dense group for every start row (0 for others), and the groups' labels."""
    if not grouping.columns:
        return None, Labels.same("", 1)
    at = np.flatnonzero(starting[rows.kind] & (rows.time < which.until))
    entries = rows.take(at)
    code = grouping.rows_in(entries, which.table, which.table.index(entries.time))
    distinct, dense = np.unique(code, return_inverse=True)
    if not len(distinct):
        return None, grouping.labels(np.zeros(1, np.int64))
    group = np.zeros(len(rows), np.int64)
    group[at] = dense
    return group, grouping.labels(distinct)


def _state(found: RetentionCells, labels: Labels, brackets: int) -> State:
    groups, cohort_count, _ = found.eligible.shape
    group, cohort, bracket = (i.reshape(-1) for i in np.indices((groups, cohort_count, brackets)))
    size = np.repeat(found.size.reshape(-1), brackets)
    some = np.flatnonzero(size > 0)
    by_cell: dict[str, Column] = {
        "segments": labels.take(group[some]),
        "bracket": bracket[some],
        "cohort": found.cohort[cohort][some],
        "size": size[some],
        "eligible": found.eligible.reshape(-1)[some],
        "retained": found.retained.reshape(-1)[some],
        "so_far": found.retained_so_far.reshape(-1)[some],
    }
    of_group, of_bracket = (i.reshape(-1) for i in np.indices((groups, brackets)))
    there = np.flatnonzero(np.isin(of_group, group[some]))
    sums = {name: getattr(found.sums, name).reshape(-1)[there] for name in MOMENTS}
    pooled: dict[str, Column] = {"segments": labels.take(of_group[there]), "bracket": of_bracket[there], **sums}
    return {"cells": STATE["cells"].of(by_cell), "pooled": STATE["pooled"].of(pooled)}


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment, cohort and period; the pooled mean and the mean of the cohorts beside them."""
    elapsed, provisional = p.clock == "elapsed", p.criterion == "on_or_after"
    cells = _cohorts(p, context.clock).cells(context.clock, p.every, p.cells, elapsed=elapsed)
    table = cell_rows(state, cells, elapsed=elapsed, provisional=provisional)
    pooled = pooled_rows(state, cells, once=p.entry == "first_time", provisional=provisional)
    by = ("segments",) if p.by else ()
    bracket = ("bracket",) if p.brackets else ()
    counted = ("period", *bracket, "eligible", "retained", "rate", "ci_low", "ci_high")
    simple = mean_of_cohorts(table, len(p.cells))[[*by, "period", *bracket, "cohorts", "mean_rate"]]
    return View(
        table=table,
        measures=(Measure("rate", "share", "retained", "eligible", "customers", "ci_low", "ci_high"),),
        columns=("cohort_start", "cohort_size", *counted, "complete"),
        index="period",
        step_column="bracket" if p.brackets else None,
        semantics=_semantics(p) + _narrowed(p, context.clock),
        totals={"mean": pooled[[*by, *counted, "customers"]].to_dicts(), "mean_of_cohorts": simple.to_dicts()},
        headline=pooled if p.show is None else pooled.filter(pl.col("period") == p.show),
    )


def _semantics(p: Parameters) -> str:
    start, back = _sides(p)
    who = "every cohort in which they start" if p.entry == "recurring" else "the cohort of their first start ever"
    unit = str(p.every) if p.every.count == 1 else f"period of {p.every}"
    hour = {"hour": "an hour", "day": "24 h", "week": "7 days", "month": "30 days", "quarter": "90 days"}[p.every.unit]
    fixed = hour if p.every.count == 1 else f"{p.every.count} times {hour}"
    when = f"calendar {unit}" if p.clock == "calendar" else f"{unit} of {fixed} since the entry"
    criterion = f"in that {when}" if p.criterion == "on" else f"in that {when} or later (provisional)"
    often = "" if p.min_count == 1 else f" at least {p.min_count} times"
    return (
        f"{start}, then {back}{often} {criterion}; customers are in {who}; mean pooled over the cells that have ended"
    )


def _narrowed(p: Parameters, clock: Clock) -> str:
    """Words for the cohorts that are not shown, where there are any."""
    shown = max(last for _, last in p.cells) + 1
    table = clock.periods(p.every)
    cohort_count = table.at(clock.until - 1) - table.at(clock.first) + 1
    if clock.since_given or cohort_count <= shown:
        return ""
    return f"; the last {shown} of {cohort_count} cohorts, since shows earlier ones"
