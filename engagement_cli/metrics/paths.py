"""Paths: from each event the most common next step; or what follows, or precedes, one event.

What: steps are events of a customer in a session; repeats of one event are one step. Without an anchor: each event and
    the next, or `(exit)` where the session ends. With `from`: the most common sequences of up to `depth` steps after
    it; with `to`: before it, from `(start)` where the session begins.
Formula: share = times that a path was taken ÷ occurrences of the event that it starts from (`to`: leads to), those
    without a further step among them; customers took it at least once; median_seconds from the last row of the event to
    the first of the path's furthest step (`to`: back to that step's last row). exit_rate = exits ÷ occurrences;
    exit_share = exits at the event ÷ all exits.
Reads: events; the event that a path starts from (leads to) lies in `[since, until)`, what is beside it may lie outside.
    An occurrence whose session may still go on at `as_of` makes the shares provisional.
Parameters: from, to (one of them: an event or sql: predicate), depth (steps, default 3; without an anchor 1), top (how
    many paths, 20), window (such as 7d: steps within that time of the event, instead of within a session), gap (that
    ends a session; default: session_gap), repeats (collapse: neighbouring rows of one event are one step; keep), entry
    (recurring: every occurrence; first_time: each customer's first in all history), events (which rows are steps;
    default all), exclude (which are none, such as system events), every (total), by (event columns: of the event's
    first row).
Example:
    >>> from engagement_cli.metrics.paths import Parameters
    >>> Parameters.model_validate({"type": "paths", "from": "signup", "window": "7d"}).steps
    3

Source: this program's definitions. Rows of one customer with equal times stand in order of their events' names. A
    customer may take a path often: intervals are customer-clustered (delta method); with first_time Wilson's. Deng,
    Knoblich and Lu (2018), "Applying the Delta Method in Metric Analytics".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field, model_validator

from engagement_cli.kernels.arrays import Int64s, saturating_add
from engagement_cli.kernels.paths import END, Steps, beside, path_steps
from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.path_counts import STATE, Taken, path_counts
from engagement_cli.metrics.parts.path_rows import MEASURES, NUMBERS, ends, path_rows, path_totals
from engagement_cli.metrics.parts.session_parameters import without_words
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Every, Grain, Select, Selection, format_duration
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import EVERYTHING, Needs, narrowed
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.state import State

__all__ = ["STATE", "Parameters", "finish", "measure", "needs"]

DEFAULT_DEPTH = 3


class Parameters(MetricParameters):
    """Which event paths start from or lead to, how far they go, and what ends them."""

    type: Literal["paths"]
    from_: Annotated[Select | None, Field(alias="from")] = None
    to: Select | None = None
    depth: Annotated[int, Field(ge=1, le=20)] | None = None
    top: Annotated[int, Field(ge=1, le=10_000)] | None = 20
    window: Duration | None = None
    gap: Duration | None = None
    repeats: Literal["collapse", "keep"] = "collapse"
    entry: Literal["recurring", "first_time"] = "recurring"
    events: Select = EVERYTHING
    exclude: Select | None = None
    every: Every = Grain("total")

    @model_validator(mode="after")
    def _one_question(self) -> Parameters:
        if self.from_ is not None and self.to is not None:
            raise ValueError("to: goes without from:; a funnel has both, with what lies between")
        if self.anchor is None and (self.depth or 1) > 1:
            raise ValueError("depth: goes with from: or to:; without them paths have one step")
        if self.window is not None and self.gap is not None:
            raise ValueError("window: goes instead of a session and its gap:")
        return self

    def in_force(self, settings: Settings) -> Mapping[str, object]:
        """The depth, and the gap of the configuration."""
        gap = {} if self.window is not None else {"gap": format_duration(settings.session_gap)}
        return {"depth": self.steps, **gap}

    def unabridged(self) -> Mapping[str, object]:
        """All paths."""
        return {"top": None}

    @property
    def anchor(self) -> Selection | None:
        """The event that paths start from or lead to."""
        return self.from_ if self.from_ is not None else self.to

    @property
    def back(self) -> bool:
        """Whether paths are read backwards."""
        return self.to is not None

    @property
    def steps(self) -> int:
        """How many steps a path has beside the event."""
        return 1 if self.anchor is None else self.depth or DEFAULT_DEPTH


def needs(p: Parameters, settings: Settings) -> Needs:
    """The anchor, and the rows that are steps."""
    anchors = [] if p.anchor is None else [narrowed(p.anchor, p.where)]
    required, optional = required_and_optional([*anchors, narrowed(p.events, p.where)])
    return Needs(
        selections=required,
        optional=optional,
        left_out=() if p.exclude is None else (p.exclude,),
        by=p.by,
    )


def measure(p: Parameters, bucket: Bucket) -> State:
    """Counts of the bucket's customers by segment, period and path."""
    kinds, names = _nodes(p, bucket)
    rows = bucket.rows.of_kinds(kinds >= 0)
    found = path_steps(rows.customer, rows.time, kinds[rows.kind], _gap(p, bucket), collapse=p.repeats == "collapse")
    at = _anchors(p, bucket, rows, found, names)
    taken = _taken(p, bucket, rows, found, at)
    entries = rows.take(found.row[at])
    period_starts = bucket.clock.periods(p.every).bounds[np.clip(taken.period, 0, None)]
    parts = []
    for grouping in groupings(bucket, p.by):
        group = grouping.rows(entries, period_starts)
        parts.append(path_counts(taken, group, grouping.labels(group), names, back=p.back))
    return {name: table.merge([part[name] for part in parts]) for name, table in STATE.items()}


def _gap(p: Parameters, bucket: Bucket) -> int:
    """What ends a stretch: nothing for so long."""
    return bucket.clock.ticks(p.window or p.gap or bucket.settings.session_gap)


def _nodes(p: Parameters, bucket: Bucket) -> tuple[Int64s, list[str]]:
    """The node of every kind (−1: no step), and the nodes' names; the anchor, where there is one, is the last."""
    counts = bucket.mask(narrowed(p.events, p.where))
    if p.exclude is not None:
        counts = counts & ~bucket.mask(p.exclude)
    names, node = np.unique(np.array(bucket.kinds.events, dtype=object).astype(str), return_inverse=True)
    found = np.where(counts, node.reshape(-1), -1).astype(np.int64)
    told = [str(name) for name in names]
    if p.anchor is not None:
        found[bucket.mask(narrowed(p.anchor, p.where))] = len(told)
        # A row may be called like the anchor and not be it, where that is configured by a predicate.
        told = [f"other {name}" if name == str(p.anchor) else name for name in told]
        told.append(str(p.anchor))
    return found, told


def _anchors(p: Parameters, bucket: Bucket, rows: Rows, found: Steps, names: list[str]) -> Int64s:
    """The positions of the steps that paths start from or lead to, in the range."""
    at = np.arange(len(found.node)) if p.anchor is None else np.flatnonzero(found.node == len(names) - 1)
    if p.entry == "first_time":
        customer, node = rows.customer[found.row[at]], found.node[at]
        order = np.lexsort((at, node, customer))
        at = at[np.sort(order[starts(customer[order], node[order])])]
    clock = bucket.clock
    return at[(found.first[at] >= clock.since) & (found.first[at] < clock.until)]


def _taken(p: Parameters, bucket: Bucket, rows: Rows, found: Steps, at: Int64s) -> Taken:
    clock = bucket.clock
    within = None if p.window is None else clock.ticks(p.window)
    there = beside(found, at, p.steps, back=p.back, within=within)
    far = there.furthest
    ticks = found.first[at] - found.last[far] if p.back else found.first[far] - found.last[at]
    # In a window that ran out nothing more can come; a session's gap counts from the last step.
    ended = (there.nodes == END).any(axis=0) & (not p.back)
    waits_from = found.last[at] if within is not None else found.last[far]
    return Taken(
        customer=rows.customer[found.row[at]].astype(np.int64),
        period=clock.periods(p.every).index(found.first[at]),
        node=found.node[at],
        nodes=there.nodes,
        ticks=ticks,
        somewhere=far != at,
        open=ended & (saturating_add(waits_from, _gap(p, bucket)) >= clock.as_of),
    )


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment, period and path, the most common first; where people leave (or come in) beside them."""
    anchored = p.anchor is not None
    table = path_rows(state, context.clock, p.every, p.top, back=p.back, once=p.entry == "first_time")
    periods = ("period_start", "period_end") if p.every.unit != "total" else ()
    return View(
        table=table,
        measures=MEASURES,
        columns=(
            *periods,
            *(("segments",) if p.by else ()),
            *(("path",) if anchored else ("event", "next_event")),
            *NUMBERS,
            *(("complete",) if periods else ()),
        ),
        step_column="path",
        semantics=_semantics(p, context.settings, date_only=context.clock.date_only),
        totals=_totals(p, state),
        leads="first",
    )


def _totals(p: Parameters, state: State) -> dict[str, Any]:
    counts = path_totals(state["paths"].frame())["count"]
    total = int(counts.sum() or 0)
    shown = int((counts if p.top is None else counts.head(p.top)).sum() or 0)
    return {
        "distinct_paths": len(counts),
        "shown_share": shown / total if total else None,
        "starts" if p.back else "exits": ends(state, back=p.back, anchored=p.anchor is not None),
    }


def _semantics(p: Parameters, settings: Settings, *, date_only: bool) -> str:
    reach = "the next step" if p.steps == 1 else f"up to {p.steps} steps"
    asked = {
        (True, False): f"what follows {p.from_}, {reach}",
        (True, True): f"what precedes {p.to}, {reach.replace('next', 'one')}",
    }.get((p.anchor is not None, p.back), "the next step after each event")
    gap = p.gap or settings.session_gap
    within = (
        f"within {format_duration(p.window)} of it"
        if p.window
        else (f"in the same session (ended by a gap of more than {format_duration(gap)})")
    )
    of = f"steps are {narrowed(p.events, p.where)}{without_words(p.exclude)}"
    repeats = "repeats are one step" if p.repeats == "collapse" else "repeats are steps of their own"
    who = "each customer's first in all history" if p.entry == "first_time" else "intervals by customer"
    ties = "equal times in order of event names"
    ties += ", and so all events of a day, as the export has no times" if date_only else ""
    return "; ".join([f"{asked}, {within}", repeats, who, ties, of])
