"""One bucket of customers, ready to be measured: dense customer codes, rows sorted by customer and time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Kinds, Mask
from engagement_cli.timeline.segments import Segments

T = TypeVar("T")
Positions = NDArray[np.int64]
CODE = "\x1fcode"  # of the tables' own columns; no column of an export can be called so
HASH = "\x1fhash"


@dataclass(frozen=True)
class Rows:
    """Event rows sorted by (customer, time, kind): codes (uint32), ticks since 1970 UTC (int64), kind codes (uint32).

    Valued rows besides have fixed-point `numbers` (int64, value × 10⁶, `NO_NUMBER` for null) and hashed `things`
    (uint64, 0 for null) by column name. In anonymous rows every customer code is 0 and means nobody.
    """

    customer: NDArray[np.uint32]
    time: NDArray[np.int64]
    kind: NDArray[np.uint32]
    numbers: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    things: Mapping[str, NDArray[np.uint64]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.time)

    def take(self, which: Mask | Positions | slice) -> Rows:
        """Some of the rows, in the same order."""
        return Rows(
            self.customer[which],
            self.time[which],
            self.kind[which],
            {name: column[which] for name, column in self.numbers.items()},
            {name: column[which] for name, column in self.things.items()},
        )


@dataclass(frozen=True)
class Bucket:
    """What metric types read. Customer codes run from 0 to `customers − 1` and live only inside this bucket.

    `rows` and `valued` belong to customers, `anonymous` and `anonymous_valued` to nobody; all hold the whole history.
    `tables` are the other sources (`surveys`, `subscriptions`, `customers`) with a `CODE` column (null: nobody).
    `hashes` (uint64) identify the customers across buckets; `ids` is there only for commands that print ids.
    """

    clock: Clock
    settings: Settings
    kinds: Kinds
    segments: Segments
    hashes: NDArray[np.uint64]
    rows: Rows
    anonymous: Rows
    valued: Rows
    anonymous_valued: Rows
    tables: Mapping[str, pl.DataFrame]
    selections: tuple[Selection, ...] = ()
    ids: pl.Series | None = None
    _shared: dict[object, object] = field(default_factory=dict, repr=False, compare=False)

    @property
    def customers(self) -> int:
        """How many customers the bucket knows, from any source."""
        return len(self.hashes)

    def shared(self, key: object, make: Callable[[], T]) -> T:
        """An intermediate that several metrics use, computed once a bucket."""
        if key not in self._shared:
            self._shared[key] = make()
        return cast(T, self._shared[key])

    def mask(self, selection: Selection) -> Mask:
        """Which kinds the selection takes, one value a kind."""
        return self.shared(("mask", selection), lambda: self.kinds.matching(selection, self.settings))

    def in_range(self, rows: Rows) -> Rows:
        """The rows in `[since, until)`; the very same object where that is all of them."""

        def make() -> Rows:
            clock = self.clock
            if clock.since <= clock.first and clock.until > clock.last:
                return rows
            return rows.take((rows.time >= clock.since) & (rows.time < clock.until))

        return self.shared(("in range", id(rows)), make)

    def select(self, rows: Rows, selection: Selection) -> Rows:
        """The rows that a selection takes."""
        mask = self.mask(selection)
        return rows if mask.all() else rows.take(mask[rows.kind])

    def period(self, rows: Rows, grain: Grain) -> NDArray[np.int32]:
        """Each row's period of a grain, as an index into `clock.periods(grain)`."""
        return self.clock.periods(grain).index(rows.time)
