"""Contents: rows that carry one, and when each is first seen, whoever's rows they are."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.native.hashes import numbered
from engagement_cli.native.things import first_seen
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.state import StateTable

APPEARANCES = StateTable({"content": pl.UInt64}, {"first": "min"})


class Contents(Record):
    """Rows that carry a content, of customers or of nobody."""

    rows: Rows
    nobodys: bool

    def in_range(self, bucket: Bucket) -> Contents:
        """The rows in `[since, until)`."""
        return Contents(bucket.in_range(self.rows), self.nobodys)

    def known(self, bucket: Bucket) -> Contents:
        """The rows in all history up to what is known: to the last row, or to `as_of` where that was asked for."""
        clock = bucket.clock
        end = max(clock.until, clock.as_of)
        return self if end > clock.last else Contents(self.rows.take(self.rows.time < end), self.nobodys)

    def groups(self, bucket: Bucket, grouping: Grouping, every: Grain) -> Codes:
        """Each row's group; subscriptions' columns as of its period's start."""
        if self.nobodys:
            return grouping.rows_of_nobody(self.rows)
        return grouping.rows_in(self.rows, bucket.clock.periods(every), bucket.period(self.rows, every))


def rows_with(bucket: Bucket, content: str, selection: Selection) -> tuple[Contents, Contents]:
    """The selected rows that carry a content, in all history: those of customers, and those of nobody."""

    def make() -> tuple[Contents, Contents]:
        of_customers, of_nobody = (r.with_thing(content) for r in (bucket.valued, bucket.anonymous_valued))
        return (
            Contents(bucket.select(of_customers, selection), nobodys=False),
            Contents(bucket.select(of_nobody, selection), nobodys=True),
        )

    return bucket.shared(("contents", content, selection), make)


def appearances(bucket: Bucket, content: str, selection: Selection) -> Cells:
    """The state `APPEARANCES`: the first selected row of each content, in all history up to what is known."""
    parts = []
    for found in rows_with(bucket, content, selection):
        rows = found.known(bucket).rows
        contents, number = numbered(rows.things[content])
        parts.append(APPEARANCES.of({"content": contents, "first": first_seen(number, rows.time, len(contents))}))
    return APPEARANCES.merge(parts)


def contents_of(cells: Cells) -> NDArray[np.uint64]:
    """The contents of a state."""
    return cells.numbers("content").astype(np.uint64, copy=False)


def places(known: NDArray[np.uint64], asked: NDArray[np.uint64]) -> Int64s:
    """Where each content stands among the distinct known ones, which rise; −1 where it does not."""
    if not len(known):
        return np.full(len(asked), -1, np.int64)
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[place] == asked, place, -1)
