"""A pass over the customers: what is measured of each part of them, and what the parts become."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import polars as pl

from engagement_cli.customers.pieces import Pieces
from engagement_cli.customers.table import Profiling
from engagement_cli.engines.plan import Ask
from engagement_cli.records import Record
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.build import Built
from engagement_cli.timeline.merging import merge_all
from engagement_cli.timeline.packing import packed
from engagement_cli.timeline.state import MANY, State, StateTable

MERGE_EVERY = 64
_WORTH_MERGING = 1_000_000  # rows of a table, where each part has many
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
    profiles: pl.DataFrame | None
    kept: pl.DataFrame | None


class States(Record, Mapping[str, State]):
    """Whole states by metric; tables of many rows are packed until they are read."""

    tables: Mapping[str, Mapping[str, StateTable]]
    packed: Mapping[str, State]

    def __getitem__(self, metric: str) -> State:
        """One metric's state."""
        return {name: self.tables[metric][name].fitting(frame) for name, frame in self.packed[metric].items()}

    def __iter__(self) -> Iterator[str]:
        """The metrics."""
        return iter(self.packed)

    def __len__(self) -> int:
        """How many metrics there are."""
        return len(self.packed)

    def beside(self, other: States) -> States:
        """Both."""
        return States({**self.tables, **other.tables}, {**self.packed, **other.packed})


@dataclass
class Pass:
    """One pass over the customers: what is measured in it, and what the parts become."""

    asks: Mapping[str, Ask]
    profiling: Profiling | None = None
    customer_rows: Callable[[Bucket], pl.DataFrame] | None = None
    parts: dict[tuple[str, str], list[pl.DataFrame]] = field(default_factory=dict)  # by metric and table
    profiles: Pieces = field(default_factory=Pieces)
    kept: list[pl.DataFrame] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    added: int = 0

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
        """Keep what a part gave; states are merged now and then."""
        self.totals += part.totals
        self.added += 1
        for name, state in part.states.items():
            for table, frame in state.items():
                self.parts.setdefault((name, table), []).append(_packed(frame))
        if self.added % MERGE_EVERY == 0:
            # A table that grows with every part is merged each time it has doubled, so that all merging stays linear,
            # and not before its rows are worth a query.
            due = {at: found for at, found in self.parts.items() if _due(found)}
            self.parts |= {at: [_packed(frame)] for at, frame in self._merged(due).items()}
        if part.profiles is not None:
            self.profiles.add(part.profiles)
        self.kept += [] if part.kept is None else [part.kept]

    def states(self) -> States:
        """The whole states; the parts are used up, those of many rows one after another."""
        tables = [(name, table) for name, ask in self.asks.items() for table in ask.type.STATE]
        parts, self.parts = {at: self.parts.get(at, []) for at in tables}, {}
        whole: dict[tuple[str, str], pl.DataFrame] = {}
        for at in [at for at, frames in parts.items() if sum(map(len, frames)) > MANY]:
            whole[at] = _packed(self._merged({at: parts.pop(at)})[at])
        whole |= self._merged(parts)
        found = {name: {table: whole[name, table] for table in ask.type.STATE} for name, ask in self.asks.items()}
        return States({name: ask.type.STATE for name, ask in self.asks.items()}, found)

    def _merged(self, parts: Mapping[tuple[str, str], list[pl.DataFrame]]) -> dict[tuple[str, str], pl.DataFrame]:
        return merge_all({(name, table): self.asks[name].type.STATE[table] for name, table in parts}, parts)


def _due(parts: Sequence[pl.DataFrame]) -> bool:
    """Whether what came since a table was merged is as much as there was then, and worth it."""
    since = sum(map(len, parts[1:]))
    few = since <= MANY * len(parts)
    return len(parts) > 1 and since >= len(parts[0]) and (few or since >= _WORTH_MERGING)


def _packed(frame: pl.DataFrame) -> pl.DataFrame:
    """A table of a state, packed where it has many rows: merging takes it as it is."""
    return packed(frame) if frame.height > MANY else frame


def in_turn(pool: ThreadPoolExecutor, work: Callable[[int], T], count: int, ahead: int) -> Iterator[T]:
    """Results in order, of which at most so many are in work or wait; the next is begun before one is given out."""
    pending = deque(pool.submit(work, index) for index in range(min(ahead, count)))
    for index in range(count):
        found = pending.popleft().result()
        if (following := index + ahead) < count:
            pending.append(pool.submit(work, following))
        yield found
