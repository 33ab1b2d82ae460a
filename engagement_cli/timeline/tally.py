"""What is counted and learned while event rows are read, besides where they go."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.reading import Fates, Ticks, mark_periods, span
from engagement_cli.timeline.clock import Facts

_QUARTER_HOUR = 900
_FEW = 1_000_000


class Tally:
    """Facts, fates and ids, gathered from several threads."""

    def __init__(self, ticks_per_second: int) -> None:
        self._ticks_per_second = ticks_per_second
        self._lock = Lock()
        self._fates = np.zeros(256, dtype=np.int64)
        self._first: int | None = None
        self._last: int | None = None
        self._quarter_hours: list[NDArray[np.int64]] = []
        self._ids: list[pl.DataFrame] = []
        self._many_quarter_hours = self._many_ids = _FEW

    def add(self, rows: Sequence[tuple[Fates, Ticks]]) -> tuple[int, int] | None:
        """Count the rows of one batch, in one or several pieces: fates of all, instants of those kept.

        Gives the first and the last instant, if there is any.
        """
        counts = sum(_counts(fates) for fates, _ in rows)
        spans = [within for fates, time in rows if (within := span(time, fates)) is not None]
        if spans:
            first, last = min(low for low, _ in spans), max(high for _, high in spans)
            seen = _quarter_hours(rows, first, last, _QUARTER_HOUR * self._ticks_per_second)
        with self._lock:
            self._fates += counts
            if spans:
                self._quarter_hours.append(seen)
                if sum(map(len, self._quarter_hours)) > self._many_quarter_hours:
                    self._quarter_hours = [_distinct(self._quarter_hours)]
                    self._many_quarter_hours = _FEW + 2 * len(self._quarter_hours[0])
                self._first = first if self._first is None else min(self._first, first)
                self._last = last if self._last is None else max(self._last, last)
        return (first, last) if spans else None

    def add_ids(self, ids: pl.DataFrame) -> None:
        """Keep distinct hashes and ids of customers of kept rows."""
        with self._lock:
            self._ids.append(ids)
            if sum(part.height for part in self._ids) > self._many_ids:  # most are the same in every batch
                self._ids = [pl.concat(self._ids).unique()]
                self._many_ids = _FEW + 2 * self._ids[0].height

    def fates(self) -> NDArray[np.int64]:
        """Rows by fate."""
        return self._fates

    def facts(self) -> Facts | None:
        """First and last instant and the quarter hours with rows; None without rows."""
        if self._first is None or self._last is None:
            return None
        return Facts(self._first, self._last, _distinct(self._quarter_hours), self._ticks_per_second)

    def ids(self) -> pl.DataFrame | None:
        """Hash and id, one row a customer."""
        return pl.concat(self._ids).unique() if self._ids else None


def _counts(fates: Fates) -> NDArray[np.int64]:
    """Rows by fate; of most it is 0."""
    counts = np.bincount(fates[fates != 0], minlength=256)
    counts[0] = len(fates) - counts.sum()
    return counts


def _distinct(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Distinct numbers in rising order; there is at least one."""
    rising: NDArray[np.int64] = np.sort(np.concatenate(parts))  # `unique` takes ten times as long
    distinct: NDArray[np.int64] = rising[np.append(True, rising[1:] != rising[:-1])]
    return distinct


def _quarter_hours(rows: Sequence[tuple[Fates, Ticks]], first: int, last: int, width: int) -> NDArray[np.int64]:
    """The distinct quarter hours, of `width` ticks since 1970, of the rows that are kept, from `first` to `last`."""
    low = first // width
    if last // width - low >= 8 * sum(len(time) for _, time in rows) + 1_000_000:
        return np.unique(np.concatenate([time[fates == 0] // width for fates, time in rows]))
    seen = np.zeros(last // width - low + 1, dtype=bool)
    for fates, time in rows:
        mark_periods(time, fates, low, width, seen)
    return np.flatnonzero(seen) + low
