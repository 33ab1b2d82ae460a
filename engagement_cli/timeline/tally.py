"""What is counted and learned while event rows are read, besides where they go."""

from __future__ import annotations

from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.native.reading import periods_seen, span
from engagement_cli.timeline.clock import Facts

_QUARTER_HOUR = 900
_FEW_IDS = 1_000_000


class Tally:
    """Facts, fates and ids, gathered from several threads."""

    def __init__(self, ticks_per_second: int) -> None:
        self._ticks_per_second = ticks_per_second
        self._lock = Lock()
        self._fates = np.zeros(256, dtype=np.int64)
        self._first: int | None = None
        self._last: int | None = None
        self._quarter_hours: set[int] = set()
        self._ids: list[pl.DataFrame] = []
        self._many_ids = _FEW_IDS

    def add(self, fates: NDArray[np.uint8], time: NDArray[np.int64], ids: pl.DataFrame | None) -> int:
        """Count one batch: fates and instants of all its rows, the ids of those kept. Gives how many are kept."""
        counts = np.bincount(fates, minlength=1) if fates.any() else np.array([len(fates)])
        within = span(time, fates)
        seen = [] if within is None else _quarter_hours(time, fates, *within, _QUARTER_HOUR * self._ticks_per_second)
        with self._lock:
            self._fates[: len(counts)] += counts
            self._quarter_hours.update(seen)
            if ids is not None:
                self._ids.append(ids)
                if sum(part.height for part in self._ids) > self._many_ids:  # most are the same in every batch
                    self._ids = [pl.concat(self._ids).unique()]
                    self._many_ids = _FEW_IDS + 2 * self._ids[0].height
            if within is not None:
                self._first = within[0] if self._first is None else min(self._first, within[0])
                self._last = within[1] if self._last is None else max(self._last, within[1])
        return int(counts[0])

    def fates(self) -> NDArray[np.int64]:
        """Rows by fate."""
        return self._fates

    def facts(self) -> Facts | None:
        """First and last instant and the quarter hours with rows; None without rows."""
        if self._first is None or self._last is None:
            return None
        quarters = np.array(sorted(self._quarter_hours), dtype=np.int64)
        return Facts(self._first, self._last, quarters, self._ticks_per_second)

    def ids(self) -> pl.DataFrame | None:
        """Hash and id, one row a customer."""
        return pl.concat(self._ids).unique() if self._ids else None


def _quarter_hours(time: NDArray[np.int64], fates: NDArray[np.uint8], first: int, last: int, width: int) -> list[int]:
    """The distinct quarter hours, of `width` ticks since 1970, of the rows that are kept, from `first` to `last`."""
    low = first // width
    if last // width - low >= 8 * len(time) + 1_000_000:
        quarters: NDArray[np.int64] = np.unique(time[fates == 0] // width)
    else:
        quarters = np.flatnonzero(periods_seen(time, fates, first, last, width)) + low
    return [int(quarter) for quarter in quarters]
