"""What events are worth: weighted counts per customer and configured event over a trailing window.

Everything is in millionths of a point (int64): weights are rounded to them once, decayed contributions one by one, half
to even, so that sums are the same bytes in any order.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, datetime, timedelta

import numpy as np

from engagement_cli.errors import UserError
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.native.points import Event
from engagement_cli.native.points import points as points_in_windows
from engagement_cli.records import Record, replace
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.bucket import CODE, Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Kinds, Mask
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.periods import to_local
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.series import whole

OTHER_EVENTS = "other events"
_LARGEST = 9e18
_UNCAPPED = int(np.iinfo(np.int64).max)
_NOBODY = -1
_BEGINNING = int(np.iinfo(np.int64).min)


class Worth(Record):
    """One configured event that occurs in the export, or all those without an entry: the kinds it takes, its weight."""

    name: str
    kinds: Mask
    weight: float
    cap: int | None


class Window(Record):
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
    return clock.shared(("window before", ends, length), lambda: _window_before(clock, ends, length))


def _window_before(clock: Clock, ends: int, length: timedelta) -> Window:
    if length % timedelta(days=1):
        return Window(ends - clock.ticks(length), ends)
    seconds, rest = divmod(ends, clock.ticks_per_second)
    local = to_local(seconds, clock.zone)
    day: date | datetime = local.replace(tzinfo=None) - length
    if clock.floor_day(ends) == ends:
        day = local.date() - length
    return Window(clock.instant(day) + rest, ends)


def points(
    bucket: Bucket, windows: Sequence[Window], sums: Sequence[Container[str]], where: str | None = None
) -> Int64s:
    """What the events of each of some sums add to customers' raw scores, in millionths; the silent have 0.

    The shape is (windows, sums, customers). With `cap`, a customer's latest so many count. With `count: days` a day
    counts once, at its last event.
    """
    if _all_alike(bucket):
        return _at_once(bucket, windows, sums, where)
    found = np.zeros((len(windows), len(sums), bucket.customers), np.int64)
    rows = [_rows(bucket, window, where) for window in windows]
    for worth in event_worths(bucket):
        into = [i for i, names in enumerate(sums) if worth.name in names]
        for i, window in enumerate(windows):
            mine = _counted(bucket, rows[i].of_kinds(worth.kinds), worth.cap)
            amount = _amounts(bucket, mine, worth, window)
            run = starts(mine.customer)
            if len(run):
                found[i, into, mine.customer[run, np.newaxis]] += np.add.reduceat(amount, run)[:, np.newaxis]
    return found


def raw_scores(bucket: Bucket, windows: Sequence[Window], where: str | None = None) -> Int64s:
    """Each customer's raw score in millionths, shape (windows, customers)."""
    return points(bucket, windows, [{worth.name for worth in event_worths(bucket)}], where)[:, 0]


def event_worths(bucket: Bucket) -> tuple[Worth, ...]:
    """The events that weigh anything."""
    kinds, settings = bucket.kinds, bucket.settings
    return kinds.shared(settings, "worths", lambda: worths(kinds, settings))


def _all_alike(bucket: Bucket) -> bool:
    """Whether all rows of an event add the same, so that it suffices to count them."""
    score = bucket.settings.score
    return score.half_life is None and score.count == "events"


def _at_once(bucket: Bucket, windows: Sequence[Window], sums: Sequence[Container[str]], where: str | None) -> Int64s:
    """All events in one pass."""
    found, taken = event_worths(bucket), True if where is None else bucket.kinds.flags[where]
    into = [tuple(i for i, names in enumerate(sums) if worth.name in names) for worth in found]
    caps = [_UNCAPPED if worth.cap is None else min(worth.cap, _UNCAPPED) for worth in found]
    events = [
        Event(worth.kinds & taken, _micro(worth, 1), cap, mine)
        for worth, cap, mine in zip(found, caps, into, strict=True)
    ]
    rows, until = bucket.rows, bucket.clock.until
    bounds = [(window.begins, min(window.ends, until)) for window in windows]
    columns = rows.customer, rows.time, rows.kind
    for worth, event in zip(found, events, strict=True):
        if not _fits(worth, len(rows)):  # unless fewer rows count
            counted = points_in_windows(columns, [replace(event, weight=1, sums=(0,))], bounds, bucket.customers, 1)
            _micro(worth, int(counted.sum(axis=(1, 2)).max(initial=0)))
    return points_in_windows(columns, events, bounds, bucket.customers, len(sums))


def known_from(bucket: Bucket) -> Int64s:
    """From when on each customer is known: the first event, answer or subscription; always, if exported undated."""

    def make() -> Int64s:
        first, at = np.full(bucket.customers, np.iinfo(np.int64).max), bucket.histories(bucket.rows).first
        active = np.flatnonzero(at[1:] > at[:-1])
        first[active] = bucket.rows.time[at[active]]
        for name, column in (("surveys", "time"), ("subscriptions", "started"), ("customers", None)):
            table = bucket.tables.get(name)
            if table is None:
                continue
            code = whole(table[CODE], _NOBODY)
            known = np.flatnonzero(code != _NOBODY)
            time = _BEGINNING if column is None else whole(table[column], _BEGINNING)[known]
            np.minimum.at(first, code[known], time)
        return first

    return bucket.shared("known from", make)


def _rows(bucket: Bucket, window: Window, where: str | None) -> Rows:
    """The customers' rows in the window, those at or after `until` left out; history before `since` counts."""
    rows = bucket.rows.within(window.begins, min(window.ends, bucket.clock.until))
    return rows if where is None else rows.of_kinds(bucket.kinds.flags[where])


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


def _fits(worth: Worth, rows: int) -> bool:
    """Whether the weight of so many rows, in millionths, fits 64 bits."""
    return abs(worth.weight) * MICRO * max(rows, 1) <= _LARGEST


def _micro(worth: Worth, rows: int) -> int:
    """The weight in millionths. Raises `UserError` where so many rows of it would not fit 64 bits."""
    if not _fits(worth, rows):
        raise UserError(f"the weight {worth.weight:g} is too large for a score", where=f"events.{worth.name}.weight")
    return round(worth.weight * MICRO)


def _amounts(bucket: Bucket, rows: Rows, worth: Worth, window: Window) -> Int64s:
    micro = _micro(worth, len(rows))
    half_life = bucket.settings.score.half_life
    if half_life is None:
        return np.full(len(rows), micro, np.int64)
    age = (window.ends - rows.time) / bucket.clock.ticks(half_life)
    return np.rint(worth.weight * MICRO * np.exp2(-age)).astype(np.int64)
