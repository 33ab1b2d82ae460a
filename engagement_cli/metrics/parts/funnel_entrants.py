"""What a funnel asks, who enters it, and how far they get: what every type that is about a funnel shares."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from engagement_cli.kernels import funnel as kernel
from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.runs import starts
from engagement_cli.metrics.parts.funnel_exclusions import Excluded
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.native.funnel import Keys, without
from engagement_cli.records import Record
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.values import Duration, Every, Grain, Select, Selection, format_duration
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.needs import EVERYTHING, Needs, narrowed
from engagement_cli.timeline.rows import Rows

_MIX = np.uint64(0x9E3779B97F4A7C15)  # odd


class FunnelParameters(MetricParameters):
    """The steps, how they must follow each other, and within what time."""

    steps: Annotated[tuple[Select, ...], Field(min_length=1, max_length=kernel.MOST_STEPS)]
    window: Duration = timedelta(days=14)
    order: Literal["sequential", "strict", "any"] = "sequential"
    reentry: Literal["any", "first"] = "any"
    exclude: tuple[Excluded, ...] = ()
    distinct: Annotated[str, Field(min_length=1, description="rows with one value of it are one event")] | None = None
    hold: Annotated[str, Field(min_length=1, description="a property that is the same in all steps")] | None = None
    every: Every = Grain("total")

    @model_validator(mode="after")
    def _between_steps(self) -> FunnelParameters:
        for exclusion in self.exclude:
            first, last = exclusion.between(len(self.steps))
            if not 1 <= first < last <= len(self.steps):
                raise ValueError(
                    f"exclude: {exclusion} between steps {first} and {last}: name two of the {len(self.steps)} steps, "
                    "the earlier first"
                )
        return self


class Entrants(Record):
    """The counted attempts, one a customer and period: the entries' rows, steps reached, times (steps, attempts).

    `period` has one value an attempt, and `dropped` the period of each attempt that an exclusion took out.
    """

    period: NDArray[np.int32]
    rows: Rows
    depth: NDArray[np.int8]
    times: Int64s
    dropped: NDArray[np.int32]

    @property
    def through(self) -> Flags:
        """Who reached the last step."""
        return np.asarray(self.depth == len(self.times), np.bool_)

    def open(self, p: FunnelParameters, bucket: Bucket) -> Flags:
        """Whose window has not elapsed at `as_of`."""
        return np.asarray(self.times[0] + bucket.clock.ticks(p.window) >= bucket.clock.as_of, np.bool_)

    def at(self, p: FunnelParameters, bucket: Bucket) -> Int64s:
        """The start of the period of each."""
        return bucket.clock.periods(p.every).bounds[self.period]


def funnel_needs(p: FunnelParameters, by: tuple[str, ...]) -> Needs:
    """The steps, what must not lie between them, and, in a strict order, what else there is."""
    required, optional = required_and_optional(_steps(p))
    others = (*(narrowed(e.selection, p.where) for e in p.exclude), narrowed(EVERYTHING, p.where))
    return Needs(
        selections=required,
        optional=tuple(dict.fromkeys((*optional, *others))),
        things=tuple(name for name in (p.hold, p.distinct) if name is not None),
        by=by,
    )


def _steps(p: FunnelParameters) -> list[Selection]:
    return [narrowed(step, p.where) for step in p.steps]


def entrants(p: FunnelParameters, bucket: Bucket) -> Entrants:
    """The attempts of those who enter in each period that is shown."""
    clock, steps = bucket.clock, len(p.steps)
    table = clock.periods(p.every)
    shown = clock.shown(table)
    bits = np.zeros(len(bucket.kinds), np.uint32)
    for number, step in enumerate(_steps(p)):
        bits |= bucket.mask(step).astype(np.uint32) << np.uint32(number)
    excluded = [bucket.mask(narrowed(e.selection, p.where)) for e in p.exclude]
    between = [exclusion.between(steps) for exclusion in p.exclude]
    others = bucket.mask(narrowed(EVERYTHING, p.where)) if p.order == "strict" else bits > 0
    rows = _rows(p, bucket, bits, np.logical_or.reduce([others, *excluded]))
    found = kernel.convert(
        rows.customer,
        rows.time,
        bits[rows.kind],
        steps,
        clock.ticks(p.window),
        np.clip(table.bounds[shown.start : shown.stop + 1], clock.since, max(clock.since, clock.until)),
        order=p.order,
        reentry=p.reentry,
        held=None if p.hold is None else _dense(rows.things[p.hold]),
        exclusions=[kernel.Exclusion(mask[rows.kind], *two) for mask, two in zip(excluded, between, strict=True)],
    )
    first = np.int32(shown.start)
    entered = rows.take(found.entry_row)
    return Entrants(found.period + first, entered, found.depth, found.times, found.dropped + first)


def _rows(p: FunnelParameters, bucket: Bucket, bits: NDArray[np.uint32], plays: Mask) -> Rows:
    """The rows of kinds that play a part: those with a held property only, of those that are one event the first."""
    whole = bucket.rows.of_kinds(plays) if p.hold is None else bucket.valued.with_thing(p.hold).of_kinds(plays)
    if p.distinct is None or p.distinct not in bucket.valued.things:  # else each row is an event, such as an order
        return whole
    named = bucket.valued.of_kinds(plays) if p.hold is None else whole
    repeats = _repeats(named, named.things[p.distinct], bits[named.kind])
    if not repeats.any():
        return whole
    return whole.take(~repeats if p.hold is not None else without(_keys(whole), _keys(named.take(repeats))))


def _keys(rows: Rows) -> Keys:
    return rows.customer, rows.time, rows.kind


def _repeats(rows: Rows, thing: NDArray[np.uint64], step: NDArray[np.uint32]) -> Flags:
    """Which rows repeat a step of the same customer and thing (0: none, which nothing repeats)."""
    told = np.flatnonzero((thing != 0) & (step != 0))
    told = told[_alike(rows.customer[told], thing[told], step[told])]
    order = told[np.lexsort((thing[told], step[told], rows.customer[told]))]  # stable: by time within an event
    found = np.zeros(len(rows), np.bool_)
    found[order] = True
    found[order[starts(rows.customer[order], step[order], thing[order])]] = False
    return found


def _alike(customer: NDArray[np.uint32], thing: NDArray[np.uint64], step: NDArray[np.uint32]) -> Flags:
    """Which rows may have all three in common with another: all that do, and a stray one whose hash is another's."""
    mixed = customer.astype(np.uint64) << np.uint64(32) | step
    mixed = (mixed * _MIX ^ thing) * _MIX
    ordered = np.sort(mixed)  # many times faster than the order of the rows
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    return np.isin(mixed, several)


def _dense(things: NDArray[np.uint64]) -> Int64s:
    return np.unique(things, return_inverse=True)[1].reshape(-1).astype(np.int64)


def funnel_words(p: FunnelParameters) -> str:
    """Which choices a funnel makes."""
    order = {
        "sequential": "steps in order, others may lie between",
        "strict": "steps in order, nothing else between",
        "any": "steps in any order",
    }[p.order]
    counted = "the deepest attempt counts" if p.reentry == "any" else "the first attempt counts"
    parts = [order, f"within {format_duration(p.window)} of the entry", counted]
    parts += [f"rows of one {p.distinct} are one event"] if p.distinct is not None else []
    parts += [f"the same {p.hold} in all"] if p.hold is not None else []
    parts += ["without {} between steps {} and {}".format(e, *e.between(len(p.steps))) for e in p.exclude]
    return "; ".join(parts)
