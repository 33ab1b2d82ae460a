"""A pass over the buckets: what is measured in each, and what the parts become."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

import polars as pl

from engagement_cli.customers.table import Profiling
from engagement_cli.engines.plan import Ask
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.build import Built
from engagement_cli.timeline.state import State, merge_states

MERGE_EVERY = 16
T = TypeVar("T")
Part: TypeAlias = "tuple[Built, dict[str, State], pl.DataFrame | None, pl.DataFrame | None]"


@dataclass
class Totals:
    """What the buckets add up to besides the states."""

    duplicates: int = 0
    outside: int = 0
    inside: int = 0
    anonymous: int = 0
    customers: int = 0

    def add(self, built: Built) -> None:
        """Count one bucket."""
        self.duplicates += built.duplicates
        self.outside += built.outside
        self.inside += built.inside
        self.anonymous += built.anonymous
        self.customers += built.bucket.customers


@dataclass
class Pass:
    """One pass over the buckets: what is measured in it, and what the buckets' parts become."""

    asks: Mapping[str, Ask]
    profiling: Profiling | None = None
    customer_rows: Callable[[Bucket], pl.DataFrame] | None = None
    parts: dict[str, list[State]] = field(default_factory=dict)
    profiles: list[pl.DataFrame] = field(default_factory=list)
    kept: list[pl.DataFrame] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)

    @property
    def of_rows(self) -> bool:
        """Whether the events' rows are read, or everyone known is counted, rather than tables alone."""
        reads = any("events" in ask.needs.sources or ask.needs.population for ask in self.asks.values())
        return reads or self.customer_rows is not None

    def measure(self, built: Built) -> Part:
        """All that one bucket gives."""
        bucket = built.bucket
        states = {name: ask.type.measure(ask.parameters, bucket) for name, ask in self.asks.items()}
        profiles = None if self.profiling is None else self.profiling.rows(bucket)
        return built, states, profiles, None if self.customer_rows is None else self.customer_rows(bucket)

    def add(
        self, built: Built, states: Mapping[str, State], profiles: pl.DataFrame | None, kept: pl.DataFrame | None
    ) -> None:
        """Keep what a bucket gave; states are merged now and then."""
        self.totals.add(built)
        for name, state in states.items():
            parts = self.parts.setdefault(name, [])
            parts.append(state)
            if len(parts) >= MERGE_EVERY:
                self.parts[name] = [merge_states(self.asks[name].type.STATE, parts)]
        self.profiles += [] if profiles is None else [profiles]
        self.kept += [] if kept is None else [kept]

    def states(self) -> dict[str, State]:
        """The whole states."""
        return {name: merge_states(ask.type.STATE, self.parts.get(name, [])) for name, ask in self.asks.items()}


def in_turn(pool: ThreadPoolExecutor, work: Callable[[int], T], count: int, ahead: int) -> Iterator[T]:
    """Results in order, with only a few buckets in work at a time."""
    pending = [pool.submit(work, index) for index in range(min(ahead, count))]
    for index in range(count):
        yield pending.pop(0).result()
        if (following := index + ahead) < count:
            pending.append(pool.submit(work, following))
