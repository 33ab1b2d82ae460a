"""What a funnel asks, who enters it, and how far they get: what every type that is about a funnel shares."""

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
from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.parts.funnel_exclusions import Excluded
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.values import Duration, Every, Grain, Select, Selection, format_duration
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.needs import EVERYTHING, Needs, narrowed
from engagement_cli.timeline.rows import Rows


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


@dataclass(frozen=True)
class Entrants:
    """The counted attempts of one period: the entry's row, the steps reached, times of shape (steps, customers)."""

    period: int
    rows: Rows
    depth: NDArray[np.int8]
    times: Int64s
    dropped: int

    @property
    def through(self) -> Flags:
        """Who reached the last step."""
        return np.asarray(self.depth == len(self.times), np.bool_)

    def open(self, p: FunnelParameters, bucket: Bucket) -> Flags:
        """Whose window has not elapsed at `as_of`."""
        return np.asarray(self.times[0] + bucket.clock.ticks(p.window) >= bucket.clock.as_of, np.bool_)

    def at(self, p: FunnelParameters, bucket: Bucket) -> Int64s:
        """The start of the period, once for each."""
        return np.full(len(self.rows), bucket.clock.periods(p.every).bounds[self.period], np.int64)


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


def entrants(p: FunnelParameters, bucket: Bucket) -> Iterator[Entrants]:
    """Period by period, the attempts of those who enter in it."""
    clock, steps = bucket.clock, len(p.steps)
    table, window = clock.periods(p.every), clock.ticks(p.window)
    bits = np.zeros(len(bucket.kinds), np.int64)
    for number, step in enumerate(_steps(p)):
        bits |= bucket.mask(step).astype(np.int64) << number
    excluded = [bucket.mask(narrowed(e.selection, p.where)) for e in p.exclude]
    plays = np.logical_or.reduce([bits > 0, *excluded])
    whole = _rows(p, bucket, bits, np.ones(len(plays), np.bool_) if p.order == "strict" else plays)
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
        yield Entrants(period, rows.take(found.entry_row), found.depth, found.times, found.dropped)


def _rows(p: FunnelParameters, bucket: Bucket, bits: Int64s, plays: Mask) -> Rows:
    """The rows of kinds that play a part and pass the filter: those with a held property only, of those that are one
    event the first only."""
    valued = bucket.valued.of_kinds(plays)
    whole = bucket.rows.of_kinds(plays) if p.hold is None else valued.take(valued.things[p.hold] != 0)
    if p.distinct is not None and p.distinct in bucket.valued.things:  # else each row is an event, such as an order
        named = valued if p.hold is None else whole
        repeats = _repeats(named, named.things[p.distinct], bits[named.kind])
        whole = _without(whole, named.take(repeats)) if p.hold is None else whole.take(~repeats)
    return bucket.select(whole, narrowed(EVERYTHING, p.where))


def _repeats(rows: Rows, thing: NDArray[np.uint64], step: Int64s) -> Flags:
    """Which rows repeat a step of the same customer and thing (0: none, which nothing repeats)."""
    told = np.flatnonzero((thing != 0) & (step != 0))
    order = told[np.lexsort((thing[told], step[told], rows.customer[told]))]  # stable: by time within an event
    found = np.zeros(len(rows), np.bool_)
    found[order] = True
    found[order[starts(rows.customer[order], step[order], thing[order])]] = False
    return found


def _without(rows: Rows, others: Rows) -> Rows:
    """The rows less one equal row for each of the others, all of which are among them."""
    keys = ("customer", "time", "kind")
    lost = pl.DataFrame({key: getattr(others, key) for key in keys}).group_by(keys).agg(pl.len().alias("lost"))
    at = starts(rows.customer, rows.time, rows.kind)
    runs = pl.DataFrame({key: getattr(rows, key)[at] for key in keys})
    count = runs.join(lost, on=keys, how="left", maintain_order="left")["lost"].fill_null(0).to_numpy()
    size = lengths(at, len(rows))
    return rows.take(np.arange(len(rows)) - np.repeat(at, size) >= np.repeat(count, size))


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
