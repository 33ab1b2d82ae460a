"""Pairs of events that share a thing, such as a ticket: its first start, and the first end at or after that.

The two may belong to different customers, or to nobody, and so lie in different buckets: the state holds the starts and
ends by the thing, and they meet once all are together.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.state import State, StateTable

STATE = {
    "starts": StateTable({"thing": pl.UInt64, "time": pl.Int64, "opener": pl.UInt64, "segments": pl.String}),
    "ends": StateTable({"thing": pl.UInt64, "time": pl.Int64}),
}
_ORDER = list(STATE["starts"].keys)  # of simultaneous starts, by different customers, always the same one counts


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


def pairs_of(state: State) -> pl.DataFrame:
    """One row a thing that was started: `thing`, `time`, `opener`, `segments`, and `ended`, null while it is open."""
    starts = state["starts"].frame().sort(_ORDER).unique("thing", keep="first", maintain_order=True).sort("time")
    ends = state["ends"].frame().with_columns(ended="time").sort("time")
    return starts.join_asof(ends, on="time", by="thing", strategy="forward", check_sortedness=False)


def ends_without_start(state: State) -> pl.DataFrame:
    """The first end, `time`, of each thing of which no start lies at or before it."""
    ends = state["ends"].frame().group_by("thing").agg(pl.col("time").min())
    starts = state["starts"].frame().group_by("thing").agg(started=pl.col("time").min())
    unknown = pl.col("started").is_null() | (pl.col("started") > pl.col("time"))
    return ends.join(starts, on="thing", how="left").filter(unknown).select("time")


def _sources(bucket: Bucket) -> tuple[tuple[Rows, bool], tuple[Rows, bool]]:
    return (bucket.valued, False), (bucket.anonymous_valued, True)


def _chosen(bucket: Bucket, rows: Rows, selection: Selection, key: str) -> Rows:
    """The selected rows that have the thing, in all history up to where anything is known."""
    rows = bucket.select(rows, selection)
    return rows.take((rows.things[key] != 0) & (rows.time < known_until(bucket.clock)))


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
        bounds = bucket.clock.periods(every).bounds
        at = bounds[np.clip(bucket.period(chosen, every), 0, len(bounds) - 2)]
        group, opener = grouping.rows(chosen, at), bucket.hashes[chosen.customer]
    labels = grouping.labels(group)
    return STATE["starts"].of({"thing": chosen.things[key], "time": chosen.time, "opener": opener, "segments": labels})
