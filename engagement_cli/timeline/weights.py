"""What events are worth: weighted counts per customer and configured event over a trailing window.

Everything is in millionths of a point (int64): weights are rounded to them once, decayed contributions one by one, half
to even, so that sums are the same bytes in any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from engagement_cli.errors import UserError
from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.bucket import CODE, Bucket, Rows
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Kinds, Mask
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.periods import to_local

OTHER_EVENTS = "other events"
_LARGEST = 9e18
_BEGINNING = int(np.iinfo(np.int64).min)


@dataclass(frozen=True)
class Worth:
    """One configured event that occurs in the export, or all those without an entry: the kinds it takes, its weight."""

    name: str
    kinds: Mask
    weight: float
    cap: int | None


@dataclass(frozen=True)
class Window:
    """A trailing window `[begins, ends)` in ticks; ages are counted back from `ends`."""

    begins: int
    ends: int


def weight_needs(settings: Settings, where: str | None = None, by: tuple[str, ...] = ()) -> Needs:
    """What weighing reads: every configured event, of which one at least must occur unless all others weigh as well."""
    chosen = narrowed(Selection(events=tuple(settings.events) or ("active",)), where)
    if settings.score.default_weight != 0:
        return Needs(optional=(chosen,), by=by, of_customers=True, population=True)
    return Needs(selections=(chosen,), by=by, of_customers=True, population=True)


def worths(kinds: Kinds, settings: Settings) -> tuple[Worth, ...]:
    """The events that weigh anything and occur, in the configuration's order; those without an entry come last."""
    found = []
    known = np.zeros(len(kinds), dtype=bool)
    for name, event in settings.events.items():
        mine = kinds.entry(name, settings)
        known |= mine
        if event.weight != 0 and mine.any():
            found.append(Worth(name, mine, event.weight, event.cap))
    if settings.score.default_weight != 0 and not known.all():
        found.append(Worth(OTHER_EVENTS, ~known, settings.score.default_weight, None))
    return tuple(found)


def report_end(clock: Clock) -> int:
    """Where the report's own window ends: at `as_of`, or at an earlier `until`."""
    return min(clock.as_of, clock.until) if clock.until_given else clock.as_of


def window_before(clock: Clock, ends: int, length: timedelta) -> Window:
    """The window of a length that ends at an instant: whole days are local days, whatever the clocks did within."""
    if length % timedelta(days=1):
        return Window(ends - clock.ticks(length), ends)
    seconds, rest = divmod(ends, clock.ticks_per_second)
    local = to_local(seconds, clock.zone)
    day: date | datetime = local.replace(tzinfo=None) - length
    if clock.floor_day(ends) == ends:
        day = local.date() - length
    return Window(clock.instant(day) + rest, ends)


def contributions(bucket: Bucket, window: Window, where: str | None = None) -> Iterator[tuple[Worth, Int64s]]:
    """Each event with what it adds to each customer's raw score in the window, in millionths, one value a customer.

    With `cap`, a customer's latest so many count. With `count: days` a day counts once, at its last event.
    """
    rows = _rows(bucket, window, where)
    for worth in worths(bucket.kinds, bucket.settings):
        total = np.zeros(bucket.customers, np.int64)
        mine = _counted(bucket, rows.take(worth.kinds[rows.kind]), worth.cap)
        amount = _amounts(bucket, mine, worth, window)
        run = starts(mine.customer)
        if len(run):
            total[mine.customer[run]] = np.add.reduceat(amount, run)
        yield worth, total


def raw_scores(bucket: Bucket, window: Window, where: str | None = None) -> Int64s:
    """Each customer's raw score in the window, in millionths; the silent have 0."""
    total = np.zeros(bucket.customers, np.int64)
    for _, amount in contributions(bucket, window, where):
        total += amount
    return total


def known_from(bucket: Bucket) -> Int64s:
    """From when on each customer is known: the first event, answer or subscription; always, if exported undated."""

    def make() -> Int64s:
        first = np.full(bucket.customers, np.iinfo(np.int64).max)
        at = starts(bucket.rows.customer)
        first[bucket.rows.customer[at]] = bucket.rows.time[at]
        for name, column in (("surveys", "time"), ("subscriptions", "started"), ("customers", None)):
            table = bucket.tables.get(name)
            if table is None:
                continue
            known = table.filter(pl.col(CODE).is_not_null())
            time = pl.col(column) if column is not None else pl.lit(None, pl.Int64)
            time = time.fill_null(_BEGINNING).alias("time")
            seen = known.select(CODE, time).group_by(CODE).agg(pl.col("time").min())
            code = seen[CODE].to_numpy()
            first[code] = np.minimum(first[code], seen["time"].to_numpy())
        return first

    return bucket.shared("known from", make)


def _rows(bucket: Bucket, window: Window, where: str | None) -> Rows:
    """The customers' rows in the window, those at or after `until` left out; history before `since` counts."""
    time = bucket.rows.time
    inside: Flags = (time >= window.begins) & (time < min(window.ends, bucket.clock.until))
    if where is not None:
        inside &= bucket.kinds.flags[where][bucket.rows.kind]
    return bucket.rows.take(inside)


def _counted(bucket: Bucket, rows: Rows, cap: int | None) -> Rows:
    if bucket.settings.score.count == "days":
        day = bucket.period(rows, Grain("day"))
        at = starts(rows.customer, day)
        rows = rows.take(at + lengths(at, len(rows)) - 1)
    if cap is None or not len(rows):
        return rows
    run = starts(rows.customer)
    size = lengths(run, len(rows))
    from_end = np.repeat(run + size, size) - np.arange(len(rows))
    return rows.take(from_end <= cap)


def _amounts(bucket: Bucket, rows: Rows, worth: Worth, window: Window) -> Int64s:
    if abs(worth.weight) * MICRO * max(len(rows), 1) > _LARGEST:
        raise UserError(f"the weight {worth.weight:g} is too large for a score", where=f"events.{worth.name}.weight")
    half_life = bucket.settings.score.half_life
    if half_life is None:
        return np.full(len(rows), round(worth.weight * MICRO), np.int64)
    age = (window.ends - rows.time) / bucket.clock.ticks(half_life)
    return np.rint(worth.weight * MICRO * np.exp2(-age)).astype(np.int64)
