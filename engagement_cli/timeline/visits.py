"""Sessions of a bucket's customers, cut once for every metric that reads the same ones."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.kernels.sessions import session_starts
from engagement_cli.native.sessions import session_cuts
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.kinds import Mask
from engagement_cli.timeline.rows import Rows


class SessionRule(Record):
    """What ends a session: a gap greater than `gap`, midnight if split there, a length of `cap`.

    Rows of `excluded` neither open nor extend one. With `exported`, a column that holds a session's id, a session is
    a distinct (customer, id) instead; rows without an id are in none.
    """

    gap: timedelta
    split_midnight: bool = False
    cap: timedelta | None = None
    excluded: Selection | None = None
    exported: str | None = None


class Sessions(Record):
    """Sessions in (customer, start) order; `first` holds the rows that open them, `end` the last row's instant."""

    first: Rows
    end: NDArray[np.int64]
    events: NDArray[np.int64]

    def starting_in_range(self, bucket: Bucket) -> Sessions:
        """The sessions that start in `[since, until)`: a session belongs to the period in which it starts."""
        clock = bucket.clock
        inside = (self.first.time >= clock.since) & (self.first.time < clock.until)
        return self if inside.all() else self._take(np.flatnonzero(inside))

    def _take(self, which: NDArray[np.int64]) -> Sessions:
        return Sessions(self.first.take(which), self.end[which], self.events[which])


class Visited(Record):
    """The rows of sessions: those of one lie together, in order of time; `starts` are the positions that open one."""

    rows: Rows
    starts: NDArray[np.int64]


def visited(bucket: Bucket, selection: Selection, rule: SessionRule) -> Visited:
    """The selected rows of the whole history by the sessions that they form."""
    make = _by_gap if rule.exported is None else _by_exported_id
    return bucket.shared(("visited", selection, rule), lambda: make(bucket, selection, rule))


def sessions(bucket: Bucket, selection: Selection, rule: SessionRule) -> Sessions:
    """The sessions that the selected rows of the whole history form."""
    return bucket.shared(("sessions", selection, rule), lambda: _sessions(bucket, selection, rule))


def _sessions(bucket: Bucket, selection: Selection, rule: SessionRule) -> Sessions:
    if rule.exported is None:
        rows = bucket.rows
        wanted = _wanted(bucket, selection, rule)
        first, end, events = session_cuts(rows.customer, rows.time, rows.kind, wanted, *_limits(bucket, rows, rule))
        return Sessions(rows.take(first), end, events)
    found = _by_exported_id(bucket, selection, rule)
    events = lengths(found.starts, len(found.rows))
    whole = Sessions(found.rows.take(found.starts), found.rows.time[found.starts + events - 1], events)
    return whole._take(np.lexsort((whole.first.kind, whole.first.time, whole.first.customer)))


def _by_gap(bucket: Bucket, selection: Selection, rule: SessionRule) -> Visited:
    rows = bucket.rows.of_kinds(_wanted(bucket, selection, rule))
    return Visited(rows, session_starts(rows.customer, rows.time, *_limits(bucket, rows, rule)))


def _limits(bucket: Bucket, rows: Rows, rule: SessionRule) -> tuple[int, NDArray[np.int32] | None, int | None]:
    """The gap in ticks, each row's day where midnight ends a session, and the longest one in ticks."""
    day = bucket.period(rows, Grain("day")) if rule.split_midnight else None
    return bucket.clock.ticks(rule.gap), day, bucket.clock.ticks(rule.cap) if rule.cap is not None else None


def _by_exported_id(bucket: Bucket, selection: Selection, rule: SessionRule) -> Visited:
    """Ids may interleave in time: rows are gathered by (customer, id)."""
    valued = bucket.valued.with_thing(str(rule.exported))
    rows = valued.of_kinds(_wanted(bucket, selection, rule))
    rows = rows.take(np.lexsort((rows.things[str(rule.exported)], rows.customer)))  # stable: by time within an id
    return Visited(rows, starts(rows.customer, rows.things[str(rule.exported)]))


def _wanted(bucket: Bucket, selection: Selection, rule: SessionRule) -> Mask:
    """The kinds of which rows form sessions."""
    mask = bucket.mask(selection)
    return mask if rule.excluded is None else mask & ~bucket.mask(rule.excluded)
