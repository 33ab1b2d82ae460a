"""A pass over the customers: what is measured of each part of them, and what the parts become."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from engagement_cli.customers.pieces import Pieces
from engagement_cli.customers.rows import CustomerRows
from engagement_cli.customers.table import Profiling
from engagement_cli.engines.plan import Ask
from engagement_cli.records import Record
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.build import Built
from engagement_cli.timeline.gathered import Gathered, merge_together
from engagement_cli.timeline.state import State

T = TypeVar("T")


class Totals(Record):
    """What parts of the customers add up to besides the states: rows by what became of them, and customers."""

    duplicates: int = 0
    outside: int = 0
    inside: int = 0
    anonymous: int = 0
    customers: int = 0

    def __add__(self, other: Totals) -> Totals:
        """Both together."""
        return Totals(
            self.duplicates + other.duplicates,
            self.outside + other.outside,
            self.inside + other.inside,
            self.anonymous + other.anonymous,
            self.customers + other.customers,
        )


class Part(Record):
    """All that one part of the customers gives: states by metric, rows of the customer table, rows kept one by one."""

    totals: Totals
    states: Mapping[str, State]
    profiles: CustomerRows | None
    kept: pl.DataFrame | None


@dataclass
class Pass:
    """One pass over the customers: what is measured in it, and what the parts become."""

    asks: Mapping[str, Ask]
    profiling: Profiling | None = None
    customer_rows: Callable[[Bucket], pl.DataFrame] | None = None
    parts: dict[tuple[str, str], Gathered] = field(default_factory=dict)  # by metric and table
    profiles: Pieces = field(default_factory=Pieces)
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
        part = Part(
            Totals(built.duplicates, built.outside, built.inside, built.anonymous, bucket.customers),
            {name: ask.type.measure(ask.parameters, bucket) for name, ask in self.asks.items()},
            None if self.profiling is None else self.profiling.rows(bucket),
            None if self.customer_rows is None else self.customer_rows(bucket),
        )
        bucket.forget()
        return part

    def add(self, part: Part) -> None:
        """Keep what a part gave; a table is merged each time it has doubled, so that all merging stays linear."""
        self.totals += part.totals
        due = []
        for name, state in part.states.items():
            for table, cells in state.items():
                gathered = self.parts.setdefault((name, table), Gathered(self.asks[name].type.STATE[table]))
                gathered.add(cells)
                due += [gathered] if gathered.due else []
        merge_together(due)
        if part.profiles is not None:
            self.profiles.add(part.profiles)
        self.kept += [] if part.kept is None else [part.kept]

    def states(self) -> dict[str, State]:
        """The whole states; the parts are used up."""
        parts, self.parts = self.parts, {}
        merge_together([*parts.values()])
        return {
            name: {
                table: parts[name, table].whole if (name, table) in parts else empty.empty()
                for table, empty in ask.type.STATE.items()
            }
            for name, ask in self.asks.items()
        }


def in_turn(pool: ThreadPoolExecutor, work: Callable[[int], T], count: int, ahead: int) -> Iterator[T]:
    """Results in order, of which at most so many are in work or wait; the next is begun before one is given out."""
    pending = deque(pool.submit(work, index) for index in range(min(ahead, count)))
    for index in range(count):
        found = pending.popleft().result()
        if (following := index + ahead) < count:
            pending.append(pool.submit(work, following))
        yield found
