"""A source of events whose rows are kept while they are read."""

from __future__ import annotations

from collections.abc import Container
from typing import Protocol

from engagement_cli.records import Record
from engagement_cli.timeline.events import Events
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.spread import Read


class Keeper(Protocol):
    """Who keeps the rows of buckets, each once."""

    @property
    def buckets(self) -> Container[int]:
        """Those that need not be kept any more."""

    def add(self, bucket: int, part: Part) -> None:
        """Keep the rows of a bucket."""

    def discard(self) -> None:
        """Remove what has no place yet."""


class Recorded(Record):
    """Passes rows on and has each bucket kept; `identities` says whether these are kept too."""

    source: Events
    keeper: Keeper
    identities: bool

    @property
    def demand(self) -> Demand:
        """What the rows have."""
        return self.source.demand

    @property
    def read(self) -> Read:
        """What was learned."""
        return self.source.read

    def part(self, bucket: int, *, keep: bool, identities: bool = False) -> Part:
        """A bucket's rows."""
        part = self.source.part(bucket, keep=keep, identities=identities or self.identities)
        if bucket not in self.keeper.buckets:
            self.keeper.add(bucket, part)
        return part

    def close(self) -> None:
        """Close the source; what was not finished is removed."""
        self.source.close()
        self.keeper.discard()
