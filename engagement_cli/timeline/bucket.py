"""One bucket of customers, ready to be measured: dense customer codes, rows sorted by customer and time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.periods import coarser_periods
from engagement_cli.native.tallies import Histories, histories
from engagement_cli.records import Record, field
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.kinds import Kinds, Mask
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.segments import Segments
from engagement_cli.timeline.selected import NOTHING, Selected

T = TypeVar("T")
CODE = "\x1fcode"  # of the tables' own columns; no column of an export can be called so
HASH = "\x1fhash"
_DAY = Grain("day")


class Bucket(Record):
    """What metric types read. Customer codes run from 0 to `customers − 1` and live only inside this bucket.

    `rows` and `valued` belong to customers, `anonymous` and `anonymous_valued` to nobody; all hold the whole history.
    `tables` are the other sources (`surveys`, `subscriptions`, `customers`) with a `CODE` column (null: nobody).
    `selected` are the selections of the report. `hashes` (uint64) identify the customers across buckets; `ids` is there
    only for commands that print ids.
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
    selected: Selected = NOTHING
    ids: pl.Series | None = None
    _shared: dict[object, object] = field(default_factory=dict)

    @property
    def customers(self) -> int:
        """How many customers the bucket knows, from any source."""
        return len(self.hashes)

    def shared(self, key: object, make: Callable[[], T]) -> T:
        """An intermediate that several metrics use, computed once a bucket."""
        if key not in self._shared:
            self._shared[key] = make()
        return cast(T, self._shared[key])

    def has_shared(self, key: object) -> bool:
        """Whether an intermediate is there."""
        return key in self._shared

    def forget(self) -> None:
        """Let go of the intermediates: some refer to the bucket, and would keep it in memory after its measuring."""
        for rows in (self.rows, self.anonymous, self.valued, self.anonymous_valued):
            rows.forget()
        self._shared.clear()

    def mask(self, selection: Selection) -> Mask:
        """Which kinds the selection takes, one value a kind."""
        return self.kinds.matching(selection, self.settings)

    def of_nobody(self, selection: Selection) -> bool:
        """Whether the selection takes rows of nobody."""
        return bool(len(self.anonymous) and (self.mask(selection) & self.kinds.anonymous).any())

    def in_range(self, rows: Rows) -> Rows:
        """The rows in `[since, until)`; the very same object where that is all of them."""

        clock = self.clock
        if clock.since <= clock.first and clock.until > clock.last:
            return rows
        return rows.shared("in range", lambda: rows.within(clock.since, clock.until))

    def select(self, rows: Rows, selection: Selection) -> Rows:
        """The rows that a selection takes."""
        return rows.of_kinds(self.mask(selection))

    def histories(self, rows: Rows) -> Histories:
        """Rows of the customers by customer."""
        return rows.shared("histories", lambda: histories(rows.customer, rows.time, rows.kind, self.customers))

    def period(self, rows: Rows, grain: Grain) -> NDArray[np.int32]:
        """Each row's period of a grain, as an index into `clock.periods(grain)`."""
        return rows.period(grain, lambda whole: self._index(whole, grain))

    def counts(self, rows: Rows, grain: Grain) -> tuple[NDArray[np.uint32], NDArray[np.int32], NDArray[np.int64]]:
        """How many rows each customer has in each period of a grain: customer, period, rows."""
        return rows.counts(grain, lambda whole: self._index(whole, grain))

    def _index(self, whole: Rows, grain: Grain) -> NDArray[np.int32]:
        if grain == _DAY or grain.unit in ("hour", "total"):
            return self.clock.periods(grain).index(whole.time)
        return coarser_periods(self.period(whole, _DAY), self.clock.of_days(grain))
