"""Sessions of a bucket's customers, cut once for every metric that reads the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.runs import lengths
from engagement_cli.kernels.sessions import session_starts
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.bucket import Bucket, Rows


@dataclass(frozen=True)
class SessionRule:
    """What ends a session: a gap greater than `gap`, midnight if split there, a length of `cap`."""

    gap: timedelta
    split_midnight: bool = False
    cap: timedelta | None = None


@dataclass(frozen=True)
class Sessions:
    """Sessions in (customer, start) order; `first` holds the rows that open them, `end` the last row's instant."""

    first: Rows
    end: NDArray[np.int64]
    events: NDArray[np.int64]

    def starting_in_range(self, bucket: Bucket) -> Sessions:
        """The sessions that start in `[since, until)`: a session belongs to the period in which it starts."""
        clock = bucket.clock
        inside = (self.first.time >= clock.since) & (self.first.time < clock.until)
        return self if inside.all() else Sessions(self.first.take(inside), self.end[inside], self.events[inside])


def sessions(bucket: Bucket, selection: Selection, rule: SessionRule) -> Sessions:
    """The sessions that the selected rows of the whole history form."""

    def make() -> Sessions:
        rows = bucket.select(bucket.rows, selection)
        day = bucket.period(rows, Grain("day")) if rule.split_midnight else None
        cap = bucket.clock.ticks(rule.cap) if rule.cap is not None else None
        at = session_starts(rows.customer, rows.time, bucket.clock.ticks(rule.gap), day=day, cap=cap)
        events = lengths(at, len(rows))
        return Sessions(rows.take(at), rows.time[at + events - 1], events)

    return bucket.shared(("sessions", selection, rule), make)
