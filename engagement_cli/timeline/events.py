"""Where a report's event rows come from, part by part: as just read, as kept from an earlier report, or both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
import polars as pl

from engagement_cli.records import Record
from engagement_cli.timeline.arrange import arrange
from engagement_cli.timeline.block import Array
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.kind_keys import joined
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.lot import Codes
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part, merged
from engagement_cli.timeline.spread import Read, Spread


class Events(Protocol):
    """Event rows by bucket of customers, as far as a demand goes; `read` is what was learned from all of them."""

    @property
    def demand(self) -> Demand:
        """What the rows have."""

    @property
    def read(self) -> Read:
        """What was learned; the kinds of parts are coded as its kinds are."""

    def part(self, bucket: int, *, keep: bool, identities: bool = False) -> Part:
        """A bucket's rows, with their identities if these are needed; they are forgotten unless they are to be kept."""

    def close(self) -> None:
        """Give back memory and files."""


class JustRead(Record):
    """Rows as they were spread; `check` sees the columns of every bucket before they are sorted."""

    spread: Spread
    check: Callable[[list[Array]], None] = lambda columns: None

    @property
    def demand(self) -> Demand:
        """What was asked for."""
        return self.spread.layout.demand

    @property
    def read(self) -> Read:
        """What was learned."""
        return self.spread.read

    def part(self, bucket: int, *, keep: bool, identities: bool = False) -> Part:
        """A bucket's rows, sorted and without duplicates; with identities, if any are there."""
        spread = self.spread
        rows, cells = spread.take(bucket, keep=keep)
        self.check(rows)
        return arrange(spread.layout, spread.read.final_kind, rows, cells)

    def close(self) -> None:
        """Give back the store's memory and file."""
        self.spread.close()


class Together(Record):
    """Rows of several sources, as far as one demand goes; `dedupe` says whether duplicates among them are sought."""

    sources: Sequence[Events]
    demand: Demand
    dedupe: bool

    @cached_property
    def _kinds(self) -> tuple[Kinds, list[Codes]]:
        return joined([source.read.kinds for source in self.sources], self.demand)

    @cached_property
    def read(self) -> Read:
        """What was learned from all of them."""
        kinds, _ = self._kinds
        reads = [source.read for source in self.sources]
        ids = [read.ids for read in reads if read.ids is not None]
        return Read(
            kinds=kinds,
            final_kind=np.arange(len(kinds), dtype=np.uint32),
            facts=Facts.joined([read.facts for read in reads if read.facts is not None]),
            fates=np.sum([read.fates for read in reads], axis=0),
            ids=pl.concat(ids).unique() if ids and self.demand.keep_ids else None,
        )

    def part(self, bucket: int, *, keep: bool, identities: bool = False) -> Part:
        """A bucket's rows of all sources, without duplicates."""
        identities |= self.dedupe and len(self.sources) > 1
        parts = [source.part(bucket, keep=keep, identities=identities) for source in self.sources]
        return merged([part.read_as(self.demand, codes) for part, codes in zip(parts, self._kinds[1], strict=True)])

    def close(self) -> None:
        """Close all of them."""
        for source in self.sources:
            source.close()
