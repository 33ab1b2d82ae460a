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
from engagement_cli.kernels.runs import lengths, run_of_row, starts
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Kinds, Mask
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.periods import to_local
from engagement_cli.timeline.rows import Positions, Rows

OTHER_EVENTS = "other events"
_LARGEST = 9e18
_UNCAPPED = int(np.iinfo(np.int64).max)
_CELLS = 1 << 22  # counts of customers × events held at a time
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
    rows, (found, turns) = _rows(bucket, window, where), _shared_worths(bucket)
    if _all_alike(bucket):
        totals = np.zeros((len(found), bucket.customers), np.int64)
        for customer, places, points in _points(rows, found, turns):
            totals[np.ix_(places, customer)] = points.T
        yield from zip(found, totals, strict=True)
        return
    for worth in found:
        total = np.zeros(bucket.customers, np.int64)
        mine = _counted(bucket, rows.of_kinds(worth.kinds), worth.cap)
        amount = _amounts(bucket, mine, worth, window)
        run = starts(mine.customer)
        if len(run):
            total[mine.customer[run]] = np.add.reduceat(amount, run)
        yield worth, total


def raw_scores(bucket: Bucket, window: Window, where: str | None = None) -> Int64s:
    """Each customer's raw score in the window, in millionths; the silent have 0."""
    total = np.zeros(bucket.customers, np.int64)
    if _all_alike(bucket):
        for customer, _, points in _points(_rows(bucket, window, where), *_shared_worths(bucket)):
            total[customer] += points.sum(axis=1)
        return total
    for _, amount in contributions(bucket, window, where):
        total += amount
    return total


def _shared_worths(bucket: Bucket) -> tuple[tuple[Worth, ...], list[list[int]]]:
    """The events that weigh anything, and their turns."""

    def make() -> tuple[tuple[Worth, ...], list[list[int]]]:
        found = worths(bucket.kinds, bucket.settings)
        return found, _turns(found)

    return bucket.shared("worths", make)


def _all_alike(bucket: Bucket) -> bool:
    """Whether all rows of an event add the same, so that it suffices to count them."""
    score = bucket.settings.score
    return score.half_life is None and score.count == "events"


def _points(
    rows: Rows, found: tuple[Worth, ...], turns: list[list[int]]
) -> Iterator[tuple[Positions, Positions, Int64s]]:
    """Some customers, some of the events (positions in `found`), and what these add to those: customers × events.

    All rows are counted at once by customer and event; an event that shares rows with another has a turn of its own.
    """
    at = starts(rows.customer)
    for places in turns:
        slot = np.full(len(found[0].kinds), len(places), np.int64)
        for number, place in enumerate(places):
            slot[found[place].kinds] = number
        turn, width = [found[place] for place in places], len(places) + 1
        slots = slot[rows.kind]
        caps = np.array([_UNCAPPED if worth.cap is None else worth.cap for worth in turn], np.int64)
        step = max(_CELLS // width, 1)
        for first in range(0, len(at), step):
            mine = at[first : first + step]
            low, high = int(mine[0]), int(at[first + step]) if first + step < len(at) else len(rows)
            cell = run_of_row(mine - low, high - low) * width + slots[low:high]
            counts = np.minimum(np.bincount(cell, minlength=len(mine) * width).reshape(-1, width)[:, :-1], caps)
            sizes = counts.sum(axis=0).tolist()
            weights = np.array([_micro(worth, size) for worth, size in zip(turn, sizes, strict=True)], np.int64)
            yield rows.customer[mine].astype(np.int64), np.array(places, np.int64), counts * weights


def _turns(found: tuple[Worth, ...]) -> list[list[int]]:
    """The events' positions in groups within which no kind of row belongs to two events."""
    turns: list[list[int]] = []
    for place, worth in enumerate(found):
        free = (turn for turn in turns if not any((found[other].kinds & worth.kinds).any() for other in turn))
        turn = next(free, None)
        if turn is None:
            turns.append([place])
        else:
            turn.append(place)
    return turns


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


def _micro(worth: Worth, rows: int) -> int:
    """The weight in millionths. Raises `UserError` where so many rows of it would not fit 64 bits."""
    if abs(worth.weight) * MICRO * max(rows, 1) > _LARGEST:
        raise UserError(f"the weight {worth.weight:g} is too large for a score", where=f"events.{worth.name}.weight")
    return round(worth.weight * MICRO)


def _amounts(bucket: Bucket, rows: Rows, worth: Worth, window: Window) -> Int64s:
    micro = _micro(worth, len(rows))
    half_life = bucket.settings.score.half_life
    if half_life is None:
        return np.full(len(rows), micro, np.int64)
    age = (window.ends - rows.time) / bucket.clock.ticks(half_life)
    return np.rint(worth.weight * MICRO * np.exp2(-age)).astype(np.int64)
