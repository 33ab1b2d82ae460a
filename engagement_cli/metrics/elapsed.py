"""Elapsed time between two events about the same thing, such as a ticket opened and resolved.

What: how long pairs take (median, mean, 90th percentile), which share of them ends at all and within a limit, which
    are still open, and how many are open, and overdue, at each period's end.
Formula: a pair is a thing's first start in all history read and its first end at or after that; later starts of the
    same thing begin no other pair. Seconds are those of the pairs that have ended. within_share = pairs ended at most
    `limit` after their start ÷ pairs; ended_share = pairs ended ÷ pairs: open ones stay in both denominators, and make
    the numbers of the period provisional. overdue = open, and begun more than `limit` before `as_of`; open_at_end and
    overdue_at_end the same at the period's end, whenever begun. ends_without_start = things whose first end has no
    start at or before it: they are in no other number.
Reads: events, those of nobody too, also before `since`; ends past `until` as far as they are known (to an `as_of` that
    was asked for, else to the last row).
Parameters: start, end (events), key (the column that both share, such as ticket_id; rows without it are in no pair),
    limit (such as 24h, inclusive), period (start: a pair belongs to the period in which it starts; end: in which it
    ends, so that none of it is open), measure (the number that stands for it: median, mean, p90, within_limit, ended,
    open, overdue), every, by (as of the start event: its columns, or those of the customer who began it, whoever ended
    it).
Example:
    >>> from engagement_cli.metrics.elapsed import Parameters
    >>> p = Parameters.model_validate({"type": "elapsed", "start": "ticket_opened", "end": "ticket_resolved",
    ...                                "key": "ticket_id", "limit": "24h"})
    >>> p.limit
    datetime.timedelta(days=1)

Source: this program's definitions. Means and shares have a customer-clustered 95 % interval (delta method), by the
    customer who began; what nobody began stands for itself. Quantiles are exact, between two values interpolated.
    Deng, Knoblich and Lu (2018), "Applying the Delta Method in Metric Analytics".
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from engagement_cli.metrics.parts.elapsed_pairs import STATE, ends_without_start, pairs_of, starts_and_ends
from engagement_cli.metrics.parts.elapsed_rows import elapsed_rows
from engagement_cli.metrics.parts.grid import Grid, ViewColumn
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.period_rows import flags
from engagement_cli.metrics.protocol import Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Duration, Select, format_duration
from engagement_cli.timeline.breakdown import groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.state import State

__all__ = ["STATE", "Parameters", "finish", "measure", "needs"]

_MEASURES = {
    "median": Measure("median_seconds", "seconds", n="ended_customers"),
    "mean": Measure(
        "mean_seconds", "seconds", "seconds", "ended", "ended_customers", "mean_seconds_ci_low", "mean_seconds_ci_high"
    ),
    "p90": Measure("p90_seconds", "seconds", n="ended_customers"),
    "within_limit": Measure(
        "within_share", "share", "within", "pairs", "customers", "within_share_ci_low", "within_share_ci_high"
    ),
    "ended": Measure(
        "ended_share", "share", "ended", "pairs", "customers", "ended_share_ci_low", "ended_share_ci_high"
    ),
    "open": Measure("open_at_end", "count"),
    "overdue": Measure("overdue_at_end", "count"),
}
_COUNTS = ("pairs", "ended", "open", "overdue", "ends_without_start")
_STOCK = ("open", "overdue")
_OF_LIMIT = ("within_limit", "overdue")
_NO_LIMIT = 2**61  # in ticks: nothing takes so long


class Parameters(MetricParameters):
    """The two events, what they share, and what is asked of the time between."""

    type: Literal["elapsed"]
    start: Select
    end: Select
    key: Annotated[str, Field(min_length=1, description="the column that both events share, such as ticket_id")]
    limit: Annotated[Duration | None, Field(description="within which a pair should end")] = None
    period: Literal["start", "end"] = "start"
    measure: Literal["median", "mean", "p90", "within_limit", "ended", "open", "overdue"] = "median"

    @model_validator(mode="after")
    def _measurable(self) -> Parameters:
        if self.measure in _OF_LIMIT and self.limit is None:
            raise ValueError(f"measure: {self.measure} needs limit:, such as 24h")
        if self.period == "end" and self.measure == "ended":
            raise ValueError("measure: ended goes with period: start, as all pairs of a period in which they end have")
        return self


def needs(p: Parameters, settings: Settings) -> Needs:
    """Both events and the column that they share."""
    required, optional = required_and_optional([narrowed(p.start, p.where), narrowed(p.end, p.where)])
    columns = (("events", p.key),)
    return Needs(selections=required, optional=optional, things=(p.key,), columns=columns, by=p.by, across=True)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Starts and ends by what they are about; whatever they add up to is known once all are together."""
    *_, grouping = groupings(bucket, p.by)
    start, end = narrowed(p.start, p.where), narrowed(p.end, p.where)
    return starts_and_ends(bucket, start, end, p.key, p.every, grouping)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: pairs, their seconds, shares and what is open."""
    clock = context.clock
    limit = _NO_LIMIT if p.limit is None else clock.ticks(p.limit)

    def rows() -> tuple[Grid, dict[str, ViewColumn]]:
        pairs = pairs_of(state)
        if p.by:
            pairs = pairs.with_everybody()
        return elapsed_rows(pairs, ends_without_start(state), clock, p.every, p.period, limit)

    key = ("elapsed", p.by, p.every, p.period, limit)
    grid, columns = context.shared([*state.values()], key, rows)
    measures = _measures(p)
    n = None if measures[0].n is None else np.asarray(columns[measures[0].n])
    open_ = np.asarray(columns["open"]) > 0
    shown = [m.column for m in measures]
    return View(
        table=grid.table({**columns, "flags": flags(grid, n, {} if p.measure in _STOCK else {"provisional": open_})}),
        measures=measures,
        columns=("period_start", "period_end", *(("segments",) if p.by else ()), *shown, "complete"),
        semantics=_semantics(p),
    )


def _measures(p: Parameters) -> tuple[Measure, ...]:
    """The one asked for, then counts, then the others; none of a limit where there is none."""
    no_limit = () if p.limit is not None else (*_OF_LIMIT, "within")
    always = ("ended", "open", "overdue") if p.period == "end" else ()  # as counts of the period's own pairs
    counts = {name: Measure(name, "count") for name in _COUNTS if name not in (*no_limit, *always)}
    others = {name: found for name, found in _MEASURES.items() if name not in no_limit}
    if p.period == "end":
        others.pop("ended")
    first = others.pop(p.measure)
    return (first, *counts.values(), *others.values())


def _semantics(p: Parameters) -> str:
    start, end = (narrowed(selection, p.where) for selection in (p.start, p.end))
    placed = "in the period in which it starts" if p.period == "start" else "in the period in which it ends"
    parts = [
        f"from each {p.key}'s first {start} to its first {end} at or after that, {placed}, {p.every.words}",
        f"limit {format_duration(p.limit)}, inclusive" if p.limit is not None else "",
        "open ones are in the shares, not in the times" if p.period == "start" else "",
        "intervals by customer",
    ]
    return "; ".join(part for part in parts if part)
