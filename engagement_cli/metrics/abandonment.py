"""Abandonment of a funnel, such as of carts, and which properties of the entry go with it.

What: of the customers who enter a funnel, the share who do not reach its last step; and, for each value of the named
    properties as of the entry's event, that share with the value and without it.
Formula: abandonment = customers who enter and do not reach the last step ÷ customers who enter = 1 − the funnel's
    conversion; difference = abandonment with the value − others_rate, that of all others who enter, in points of 100.
Reads: events, as the funnel of these steps does. A value is that of the counted attempt's entry: by default the one
    that got furthest, so that who got through once did not fail before; reentry: first compares first attempts.
Parameters: steps, window (14d), order, reentry, distinct, exclude, hold, every (total): as of a funnel. properties:
    event columns as of the entry, columns of customers or subscriptions, or segments (such as a fee in ranges: one with
    `cut`). top: how many values of each segment and period (20), by how sure their difference is: the end of its
    interval that is nearer to 0. by.
Example:
    >>> from engagement_cli.metrics.abandonment import Parameters
    >>> p = {"type": "abandonment", "steps": ["add_to_cart", "purchase"], "properties": "shipping_fee"}
    >>> Parameters.model_validate(p).properties
    ('shipping_fee',)

Source: this program's definitions. Abandonment has Wilson's 95 % interval: a customer goes through or does not; the
    difference Newcombe's, of two groups that share no customer. It says what goes with abandonment, not what causes it.
    Newcombe (1998), "Interval estimation for the difference between independent proportions", method 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import polars as pl
from pydantic import Field

from engagement_cli.metrics.parts.abandonment_rows import EVERYBODY, abandonment_rows
from engagement_cli.metrics.parts.funnel_entrants import (
    Entrants,
    FunnelParameters,
    entrants,
    funnel_needs,
    funnel_words,
)
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Names
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.needs import Needs
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    "groups": StateTable(
        {**SEGMENT_AND_PERIOD, "property": pl.String, "value": pl.String},
        {"customers": "sum", "abandoned": "sum", "open": "sum"},
    )
}
MEASURES = (
    Measure("abandonment", "share", "abandoned", "customers", "customers", "ci_low", "ci_high"),
    Measure("difference", "points", n="customers", ci_low="difference_ci_low", ci_high="difference_ci_high"),
)
NUMBERS = ("customers", "abandonment", "ci_low", "ci_high")
COMPARED = ("difference", "difference_ci_low", "difference_ci_high", "others_rate")
COUNTS = ("abandoned", "open")


class Parameters(FunnelParameters):
    """A funnel, and the properties by which those who leave it may differ from the others."""

    type: Literal["abandonment"]
    properties: Names = ()
    top: Annotated[int, Field(ge=1, le=10_000)] | None = 20

    def unabridged(self) -> Mapping[str, object]:
        """All values."""
        return {"top": None}


def needs(p: Parameters, settings: Settings) -> Needs:
    """What the funnel reads, and the properties."""
    return funnel_needs(p, tuple(dict.fromkeys((*p.by, *p.properties))))


def measure(p: Parameters, bucket: Bucket) -> State:
    """Who enters and who leaves, by segment, entry period, property and value."""
    known = [name for name in dict.fromkeys(p.properties) if name in bucket.segments]
    ways = groupings(bucket, p.by)
    found = [STATE["groups"].of(part) for part in _counted(p, bucket, entrants(p, bucket), ways, known)]
    return {"groups": STATE["groups"].merge(found)}


def _counted(
    p: Parameters, bucket: Bucket, entered: Entrants, ways: list[Grouping], properties: list[str]
) -> Iterator[dict[str, Column]]:
    at = entered.at(p, bucket)
    sums: dict[str, Column] = {"customers": 1, "abandoned": ~entered.through, "open": entered.open(p, bucket)}
    for grouping in ways:
        segments = grouping.labels(grouping.rows(entered.rows, at))
        keys: dict[str, Column] = {"segments": segments, "period": entered.period}
        yield {**keys, "property": EVERYBODY, "value": EVERYBODY, **sums}
        for name in properties:
            _, divided_by = groupings(bucket, (name,))
            labels = divided_by.labels(divided_by.rows(entered.rows, at))
            value = Labels.of(labels.codes, [text.removeprefix(f"{name}=") for text in labels.texts])
            yield {**keys, "property": name, "value": value, **sums}


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period of all who enter; behind it one a value, what is surest to differ first."""
    clock = context.clock
    periods = ("period_start", "period_end") if p.every.unit != "total" else ()
    compared = ("property", "value") if p.properties else ()
    return View(
        table=abandonment_rows(state["groups"], clock, p.every, clock.ticks(p.window), p.top),
        measures=MEASURES if p.properties else MEASURES[:1],
        columns=(
            *periods,
            *(("segments",) if p.by else ()),
            *compared,
            *NUMBERS,
            *(COMPARED if p.properties else ()),
            *COUNTS,
            *(("complete",) if periods else ()),
        ),
        step_column="group",
        semantics=_semantics(p),
        leads="first",
    )


def _semantics(p: Parameters) -> str:
    last = "all steps" if p.order == "any" else str(p.steps[-1])
    parts = [f"customers who enter and do not reach {last}", funnel_words(p)]
    if p.properties:
        parts.append("properties as of the entry, those of the surest difference first")
        parts.append(
            "a difference goes with the value and need not be caused by it; of 20 that mean nothing one looks sure"
        )
    return "; ".join(parts)
