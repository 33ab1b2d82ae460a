"""Contents: rows that carry one, and when each is first seen, whoever's rows they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.state import StateTable

APPEARANCES = StateTable({"content": pl.UInt64}, {"first": "min"})


@dataclass(frozen=True)
class Contents:
    """Rows that carry a content, of customers or of nobody."""

    rows: Rows
    nobodys: bool

    def before(self, end: int) -> Contents:
        """The rows before an instant."""
        return Contents(self.rows.take(self.rows.time < end), self.nobodys)

    def since(self, start: int) -> Contents:
        """The rows from an instant on."""
        return Contents(self.rows.take(self.rows.time >= start), self.nobodys)

    def groups(self, bucket: Bucket, grouping: Grouping, every: Grain) -> Codes:
        """Each row's group; subscriptions' columns as of its period's start."""
        if self.nobodys:
            return grouping.rows_of_nobody(self.rows)
        bounds = bucket.clock.periods(every).bounds
        period = bucket.period(self.rows, every)
        return grouping.rows(self.rows, bounds[np.clip(period, 0, len(bounds) - 2)])


def rows_with(bucket: Bucket, content: str, selection: Selection) -> tuple[Contents, Contents]:
    """The selected rows that carry a content, in all history: those of customers, and those of nobody."""
    found = []
    for rows, nobodys in ((bucket.valued, False), (bucket.anonymous_valued, True)):
        chosen = bucket.select(rows, selection)
        found.append(Contents(chosen.take(chosen.things[content] != 0), nobodys))
    return found[0], found[1]


def appearances(bucket: Bucket, content: str, selection: Selection) -> pl.DataFrame:
    """The state `APPEARANCES`: the first selected row of each content, in all history up to what is known."""
    known = max(bucket.clock.until, bucket.clock.as_of)
    parts = []
    for found in rows_with(bucket, content, selection):
        rows = found.before(known).rows
        parts.append(APPEARANCES.of({"content": rows.things[content], "first": rows.time}))
    return APPEARANCES.gather(parts)
