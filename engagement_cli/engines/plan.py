"""What an engine is asked to run: metrics on exports, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from engagement_cli.customers.table import Profiling
from engagement_cli.metrics.protocol import MetricType
from engagement_cli.records import Record, field
from engagement_cli.results import Waterfall
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Exports
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cache.terms import Terms
from engagement_cli.timeline.clock import Clock, Range
from engagement_cli.timeline.kinds import Kinds
from engagement_cli.timeline.needs import Demand, Needs
from engagement_cli.timeline.segments import PROFILES, Segments
from engagement_cli.timeline.state import State

if TYPE_CHECKING:
    from engagement_cli.engines.crew.crew import Crew


class Ask(Record):
    """One metric to measure: its type's module, its parameters, and what they need."""

    type: MetricType
    parameters: MetricParameters
    needs: Needs


class Limits(Record):
    """How the work is divided, and where it is done. None of it changes a byte of the result.

    `buckets` None: about a million rows each. `memory` in bytes: above it, buckets wait in temporary files. The Spark
    engine works on the cluster behind `remote` (sc://host:port), else on one that it starts as `master` says.
    """

    buckets: int | None = None
    memory: int | None = None
    threads: int = 2
    remote: str | None = None
    master: str | None = None


class Plan(Record):
    """Metrics by name on opened exports; `customer_rows` maps a bucket to rows that are kept one by one.

    With `profiling`, the one-row-a-customer table is made, and metrics that read it are measured in a second pass.
    """

    exports: Exports
    settings: Settings
    asks: Mapping[str, Ask]
    segments: Segments
    range: Range = field(default_factory=Range)
    extra_needs: tuple[Needs, ...] = ()
    profiling: Profiling | None = None
    uncounted: frozenset[str] = frozenset()  # sources that tell segments, but whose customers are not the population's
    customer_rows: Callable[[Bucket], pl.DataFrame] | None = None
    keep_ids: bool = False
    limits: Limits = field(default_factory=Limits)
    crew: Crew | None = None  # processes that measure; None: threads do
    cache: Terms | None = None  # None: nothing is kept
    progress: Callable[[str, int, int | None], None] = lambda stage, done, total: None

    @property
    def needs(self) -> list[Needs]:
        """What all metrics, the customer table and the rows kept one by one need."""
        table = self.profiling.needs if self.profiling is not None else ()
        return [*(ask.needs for ask in self.asks.values()), *self.extra_needs, *table]

    def reads_table(self, ask: Ask) -> bool:
        """Whether a metric counts, or is divided by, the customer table."""
        divided = any(self.segments[name].source == PROFILES for name in ask.needs.by if name in self.segments)
        return divided or PROFILES in ask.needs.sources

    @property
    def in_one_bucket(self) -> bool:
        """Whether rows of customers, which are made bucket by bucket, rest on those of others."""
        return self.keep_ids and self.customer_rows is not None and any(need.across for need in self.needs)

    @property
    def sources(self) -> set[str]:
        """The sources to read: those that a metric counts or a segment divides by, or all if anyone known counts."""
        there = set(self.exports.sources)
        read = {s for need in self.needs for s in need.sources} | {s.source for s in self.segments.values()}
        if self.profiling is not None or any(need.population for need in self.needs):
            read |= there - self.uncounted
        dated = next((s for s in ("events", "surveys", "subscriptions", "audience") if s in there), "events")
        if not read:
            return there  # nothing can be measured: then at least every row is accounted for
        return (read | {dated}) & there  # the first source with dates says what `as_of` is


class Merged(Record):
    """What the engines return, equal whatever the engine, the buckets and the memory."""

    clock: Clock
    kinds: Kinds
    states: Mapping[str, State]
    waterfalls: tuple[Waterfall, ...]
    demand: Demand
    customers: int
    customer_rows: pl.DataFrame | None = None
    silent: Mapping[str, str] = field(default_factory=dict)  # columns of the customer table without a word, and why
    profiles: pl.DataFrame | None = None  # the customer table, where it is to be shown
    warnings: tuple[str, ...] = ()
