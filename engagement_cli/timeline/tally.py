"""What is counted and learned while event rows are read, besides where they go."""

from __future__ import annotations

from threading import Lock

import numpy as np
import polars as pl
from numpy.typing import NDArray

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

    def add(self, fates: NDArray[np.int64], time: NDArray[np.int64], ids: pl.DataFrame | None) -> None:
        """Count one batch: fates of all its rows, instants of those kept."""
        first, last = (int(time.min()), int(time.max())) if len(time) else (0, 0)
        seen = _quarter_hours(time, first, last, _QUARTER_HOUR * self._ticks_per_second).tolist() if len(time) else []
        with self._lock:
            self._fates[: len(fates)] += fates
            self._quarter_hours.update(seen)
            if ids is not None:
                self._ids.append(ids)
                if sum(part.height for part in self._ids) > self._many_ids:  # most are the same in every batch
                    self._ids = [pl.concat(self._ids).unique()]
                    self._many_ids = _FEW_IDS + 2 * self._ids[0].height
            if len(time):
                self._first = first if self._first is None else min(self._first, first)
                self._last = last if self._last is None else max(self._last, last)

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


def _quarter_hours(time: NDArray[np.int64], first: int, last: int, width: int) -> NDArray[np.int64]:
    """The distinct quarter hours, of `width` ticks since 1970, that instants from `first` to `last` lie in."""
    low = first // width
    if last // width - low >= 8 * len(time) + 1_000_000:
        return np.unique(time // width)
    quarters = (time - low * width).view(np.uint64) // np.uint64(width)  # faster than signed, and none is negative
    return np.flatnonzero(np.bincount(quarters.view(np.int64))) + low
