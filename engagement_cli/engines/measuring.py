"""What one bucket gives in a pass, wherever it is measured."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from engagement_cli.engines.course import Run
from engagement_cli.engines.heap import give_back
from engagement_cli.engines.passes import Part
from engagement_cli.engines.splitting import in_shares
from engagement_cli.records import Record
from engagement_cli.timeline.build import Frame, assemble
from engagement_cli.timeline.events import Events
from engagement_cli.timeline.part import nothing


class Order(Record):
    """A bucket to be measured, with its rows of the other sources, and its ids where they are kept."""

    bucket: int
    tables: Mapping[str, pl.DataFrame]
    ids: pl.DataFrame | None


class Measuring(Record):
    """A pass over so many buckets of events; one of more rows than `most_rows` is measured in shares.

    `memory` is what the process may use in bytes.
    """

    run: Run
    frame: Frame
    events: Events
    buckets: int
    most_rows: int | None
    memory: int | None

    def measure(self, order: Order) -> list[Part]:
        """All that a bucket gives."""
        run = self.run
        taken = self.events.part(order.bucket, keep=run.keep) if run.rows else nothing(self.frame.layout)
        tables = {name: run.read(name, rows) for name, rows in order.tables.items()}
        parts = []
        for share in in_shares(taken, tables, order.ids, self.buckets, self.most_rows):
            parts.append(run.work.measure(assemble(self.frame, *share)))
            give_back(self.memory)
        return parts
