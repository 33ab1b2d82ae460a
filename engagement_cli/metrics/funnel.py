"""Funnel: of the customers who enter at step 1, how many get to each further step, and how fast.

What: the customers of each step, conversion from the start and from the step before, drop-off, and the time between.
Formula: conversion_from_start = customers at the step ÷ customers at step 1; conversion_from_previous = customers at
    the step ÷ customers at the one before; drop_off = 1 − that. Seconds, since the step before or from the start, are
    those of the customers who reached the step: median, mean, and from the start the quartiles and the 90th percentile.
    open = entrants whose window has not elapsed at `as_of`: they stay in the denominators, and make the rates
    provisional; a period is complete once the window of its last instant has elapsed.
Reads: events; step 1 lies in `[since, until)`, later steps may lie past `until`, within the window.
Parameters: steps, window (14d, inclusive, from the entry; in any order from the earliest step), order (sequential:
    others may lie between; strict: no other row that passes `where`; any), reentry (any: the deepest attempt, the
    earliest of equals; first), distinct (such as order: rows of a customer and step with one value of it are one event,
    the first; rows without it are each one), exclude (event, event:from:to, or event/where/from/to: strictly between
    these steps of the counted attempt it drops the customer), hold (a property that all steps share; rows without it
    play no part), every (total; else each period's row is the funnel of those who enter in it), by (event columns: of
    the entry).
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

from typing import Literal

import numpy as np

from engagement_cli.metrics.parts.funnel_entrants import (
    Entrants,
    FunnelParameters,
    entrants,
    funnel_needs,
    funnel_words,
)
from engagement_cli.metrics.parts.funnel_rows import COLUMNS, MEASURES, SINCE, STATE, funnel_rows
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import View
from engagement_cli.settings.model import Settings
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import Column, State

__all__ = ["STATE", "Parameters", "finish", "measure", "needs"]


class Parameters(FunnelParameters):
    """The steps, how they must follow each other, and within what time."""

    type: Literal["funnel"]


def needs(p: Parameters, settings: Settings) -> Needs:
    """The steps, what must not lie between them, and, in a strict order, what else there is."""
    return funnel_needs(p, p.by)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Counts and durations of the bucket's customers by segment, entry period and step."""
    entered = entrants(p, bucket)
    parts = [_of_grouping(p, bucket, grouping, entered) for grouping in groupings(bucket, p.by)]
    dropped = STATE["dropped"].of({"period": entered.dropped, "customers": 1})
    return {name: STATE[name].merge([part[name] for part in parts]) for name in parts[0]} | {"dropped": dropped}


def _of_grouping(p: Parameters, bucket: Bucket, grouping: Grouping, entered: Entrants) -> State:
    """What those who entered add to steps and to durations."""
    times = entered.times
    labels = grouping.labels(grouping.rows(entered.rows, entered.at(p, bucket)))
    each = [np.flatnonzero(entered.depth > step) for step in range(len(p.steps))]  # who reached it
    step, who = np.repeat(np.arange(len(each)), [len(reached) for reached in each]), np.concatenate(each)
    waits = {"previous": np.diff(times, axis=0, prepend=times[:1]), "start": times - times[0]}
    ticks = {name: np.concatenate([wait[i][reached] for i, reached in enumerate(each)]) for name, wait in waits.items()}
    keys: dict[str, Column] = {"segments": labels.take(who), "period": entered.period[who], "step": step + 1}
    steps = STATE["steps"].of({**keys, "customers": 1, "open": entered.open(p, bucket)[who], **ticks})
    later = np.tile(np.flatnonzero(step), len(SINCE))
    keys = {"segments": labels.take(who[later]), "period": entered.period[who[later]], "step": step[later] + 1}
    since = Labels.of(np.repeat(np.arange(len(SINCE)), np.count_nonzero(step)), SINCE)
    values = np.concatenate([ticks[name][step > 0] for name in SINCE])
    return {"steps": steps, "durations": STATE["durations"].of({**keys, "since": since, "value": values, "count": 1})}


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment, period and step, with all steps of every period."""
    clock = context.clock
    periods = ("period_start", "period_end") if p.every.unit != "total" else ()
    return View(
        table=funnel_rows(state, _step_names(p), clock, p.every, clock.ticks(p.window)),
        measures=MEASURES,
        columns=(*periods, *COLUMNS, *(("complete",) if periods else ())),
        index="step",
        step_column="event",
        semantics=funnel_words(p),
        totals={"dropped": int(state["dropped"].numbers("customers").sum())} if p.exclude else {},
    )


def _step_names(p: Parameters) -> list[str]:
    if p.order == "any":
        return [f"{number} of {len(p.steps)} steps" for number in range(1, len(p.steps) + 1)]
    return [str(step) for step in p.steps]
