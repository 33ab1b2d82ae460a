"""Pairs of events that share a thing, such as a ticket: its first start, and the first end at or after that.

The two may belong to different customers, or to nobody, and so lie in different buckets: the state holds the starts and
ends by the thing, and they meet once all are together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s
from engagement_cli.kernels.layout import Layout, Packed
from engagement_cli.native.merging import union
from engagement_cli.native.rising import places
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.state import State, StateTable

STATE = {
    # The keys' order says which start of a thing counts: of simultaneous ones by different customers always the same.
    "starts": StateTable({"thing": pl.UInt64, "time": pl.Int64, "opener": pl.UInt64, "segments": pl.String}),
    "ends": StateTable({"thing": pl.UInt64, "time": pl.Int64}),
}
OPEN = LARGEST  # the end of what has not ended


def known_until(clock: Clock) -> int:
    """Ends before this instant are known: to the last row, or to `as_of` where that was asked for."""
    return max(clock.until, clock.as_of)


def starts_and_ends(
    bucket: Bucket, start: Selection, end: Selection, key: str, every: Grain, grouping: Grouping
) -> State:
    """The starts and ends of a bucket: which of them are the first shows once all buckets are together."""
    by = tuple(column.column.name for column in grouping.columns)

    def started() -> Cells:
        parts = [_started(bucket, rows, start, key, every, grouping, nobody) for rows, nobody in _sources(bucket)]
        return STATE["starts"].merge(parts)

    def ended() -> Cells:
        return STATE["ends"].merge([_of_thing(bucket, rows, end, key) for rows, _ in _sources(bucket)])

    return {
        "starts": bucket.shared(("starts of things", start, key, every, by), started),
        "ends": bucket.shared(("ends of things", end, key), ended),
    }


class Pairs(Record):
    """One row a thing that was started: when, by whom, in which segment; when it ended, `OPEN` while it has not."""

    time: Int64s
    opener: NDArray[np.uint64]
    segments: Labels
    ended: Int64s

    @property
    def is_open(self) -> Flags:
        """Which have not ended."""
        return np.asarray(self.ended == OPEN)

    def take(self, rows: Flags | NDArray[np.integer[Any]]) -> Pairs:
        """Some pairs."""
        return Pairs(self.time[rows], self.opener[rows], self.segments.take(rows), self.ended[rows])

    def with_everybody(self) -> Pairs:
        """All of them twice: in no segment, then in theirs."""
        labels = Labels.joined([Labels.same("", len(self.time)), self.segments])
        return Pairs(np.tile(self.time, 2), np.tile(self.opener, 2), labels, np.tile(self.ended, 2))


def pairs_of(state: State) -> Pairs:
    """The first start of each thing, with the first end at or after it."""
    starts, ends = state["starts"], state["ends"]
    starts = starts.take(starts.runs(1))
    thing, time = starts.numbers("thing"), starts.numbers("time")
    # Where both stand among each other: the next end is of the same thing, or there is none.
    _, of_starts, of_ends = union(*(_by_thing_and_time(cells, starts, ends) for cells in (starts, ends)))
    following = np.searchsorted(of_ends, of_starts)
    there = np.flatnonzero(following < len(ends))
    ends = ends.take(following[there])
    mine = ends.numbers("thing") == thing[there]
    ended = np.full(len(starts), OPEN, np.int64)
    ended[there[mine]] = ends.numbers("time")[mine]
    return Pairs(
        time.astype(np.int64, copy=False),
        starts.numbers("opener").astype(np.uint64, copy=False),
        starts.labels("segments"),
        ended,
    )


def ends_without_start(state: State) -> Int64s:
    """When each thing first ended of which no start lies at or before that."""
    starts, ends = (state[name].take(state[name].runs(1)) for name in ("starts", "ends"))
    known, time = starts.numbers("thing"), ends.numbers("time")
    place = places(*(cells.numbers("thing").astype(np.uint64, copy=False) for cells in (starts, ends)))
    started = np.append(starts.numbers("time"), OPEN)[np.where(place < 0, len(known), place)]
    return np.asarray(time[started > time], np.int64)


def _by_thing_and_time(cells: Cells, *both: Cells) -> Packed:
    layout = Layout.over([Layout(each.layout.ranges[:2]) for each in both])
    return layout.packed([cells.numbers("thing"), cells.numbers("time")], len(cells))


def _sources(bucket: Bucket) -> tuple[tuple[Rows, bool], tuple[Rows, bool]]:
    return (bucket.valued, False), (bucket.anonymous_valued, True)


def _chosen(bucket: Bucket, rows: Rows, selection: Selection, key: str) -> Rows:
    """The selected rows that have the thing, in all history up to where anything is known."""
    rows = bucket.select(rows.with_thing(key), selection)
    return rows.take(rows.time < known_until(bucket.clock))


def _of_thing(bucket: Bucket, rows: Rows, selection: Selection, key: str) -> Cells:
    chosen = _chosen(bucket, rows, selection, key)
    return STATE["ends"].of({"thing": chosen.things[key], "time": chosen.time})


def _started(
    bucket: Bucket, rows: Rows, start: Selection, key: str, every: Grain, grouping: Grouping, nobody: bool
) -> Cells:
    """Starts among some rows; what nobody started has an opener of its own."""
    chosen = _chosen(bucket, rows, start, key)
    if nobody:
        group, opener = grouping.rows_of_nobody(chosen), chosen.things[key]
    else:
        group = grouping.rows_in(chosen, bucket.clock.periods(every), bucket.period(chosen, every))
        opener = bucket.hashes[chosen.customer]
    labels = grouping.labels(group)
    return STATE["starts"].of({"thing": chosen.things[key], "time": chosen.time, "opener": opener, "segments": labels})
