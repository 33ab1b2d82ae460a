"""A source of events whose rows are kept while they are read."""

from __future__ import annotations

from threading import Lock

from engagement_cli.timeline.cache.writer import Writer
from engagement_cli.timeline.events import Events
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.spread import Read


class Recorded:
    """Passes rows on and writes each bucket once. Where that fails, nothing is kept, and `failed` says why."""

    def __init__(self, source: Events, writer: Writer, *, identities: bool) -> None:
        """`identities` says whether these are written too."""
        self._source, self._writer, self._identities = source, writer, identities
        self._lock = Lock()
        self._written: set[int] = set()
        self.failed: OSError | None = None

    @property
    def demand(self) -> Demand:
        """What the rows have."""
        return self._source.demand

    @property
    def read(self) -> Read:
        """What was learned."""
        return self._source.read

    def part(self, bucket: int, *, keep: bool, identities: bool = False) -> Part:
        """A bucket's rows."""
        part = self._source.part(bucket, keep=keep, identities=identities or self._identities)
        with self._lock:
            first = bucket not in self._written and self.failed is None
            self._written.add(bucket)
        if first:
            try:
                self._writer.add(bucket, part)
            except OSError as error:
                self.failed = error
                self._writer.discard()
        return part

    def close(self) -> None:
        """Close the source; what was not finished is removed."""
        self._source.close()
        self._writer.discard()
