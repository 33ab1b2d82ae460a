"""Where the rows of each bucket wait until they are measured: in memory, and in a temporary file once they are many."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engagement_cli.timeline.spill import SpillFile

Array = NDArray[np.generic]
_MOST_WAITING = 64 << 20  # bytes that wait for the next write, once there is a file


class Store(Protocol):
    """Columns of rows by bucket; `append` may be called from several threads, `take` once a bucket."""

    def append(self, bucket: int, columns: Sequence[Array]) -> None:
        """Keep one run of rows, one array a column, all of one length."""

    def take(self, bucket: int, *, keep: bool = False) -> list[Array]:
        """All rows of a bucket, one array a column; they are forgotten here unless they are to be kept."""

    def close(self) -> None:
        """Give back memory and files."""


class BucketStore:
    """Buckets as lists of arrays; above `allowed` bytes (None: never), all that waits goes to a temporary file at once.

    A write holds the rows of one bucket after another, each column in one piece, so that few large writes suffice.
    `append` raises `UserError` where the disk takes no more.
    """

    def __init__(
        self,
        buckets: int,
        dtypes: Sequence[np.dtype[np.generic]],
        allowed: int | None = None,
        folder: Path | None = None,
    ) -> None:
        self._dtypes = dtypes
        self._allowed = allowed
        self._folder = folder
        self._lock = Lock()
        self._file: SpillFile | None = None
        self._bytes = 0
        self._waiting: list[list[Sequence[Array]]] = [[] for _ in range(buckets)]
        self._written: list[list[tuple[int, int]]] = [[] for _ in range(buckets)]  # place and number of rows

    @property
    def spilled(self) -> bool:
        """Whether rows lie in a file."""
        return self._file is not None

    @property
    def waiting_bytes(self) -> int:
        """How much lies in memory once all is appended and nothing taken."""
        return self._bytes

    def append(self, bucket: int, columns: Sequence[Array]) -> None:
        """Keep one run of rows."""
        if not len(columns[0]):
            return
        with self._lock:
            self._waiting[bucket].append(columns)
            self._bytes += sum(column.nbytes for column in columns)
            if self._allowed is None or self._bytes <= self._allowed:
                return
            full, self._waiting, self._bytes = self._waiting, [[] for _ in self._waiting], 0
            if self._file is None:
                self._file = SpillFile(self._folder)
            self._allowed = min(self._allowed, _MOST_WAITING)
        self._write(self._file, full)

    def _write(self, file: SpillFile, full: list[list[Sequence[Array]]]) -> None:
        place = file.write(
            np.ascontiguousarray(part).data for parts in full for part in chain.from_iterable(zip(*parts, strict=True))
        )
        width = sum(dtype.itemsize for dtype in self._dtypes)
        for bucket, parts in enumerate(full):
            if rows := sum(len(part[0]) for part in parts):
                self._written[bucket].append((place, rows))  # a list's append is atomic
                place += rows * width

    def rows(self, bucket: int) -> int:
        """How many rows a bucket has."""
        written = sum(rows for _, rows in self._written[bucket])
        return written + sum(len(part[0]) for part in self._waiting[bucket])

    def take(self, bucket: int, *, keep: bool = False) -> list[Array]:
        """All rows of a bucket, column by column in one piece."""
        whole: list[Array] = [np.empty(self.rows(bucket), dtype) for dtype in self._dtypes]
        start = 0
        if self._file is not None:
            for place, rows in self._written[bucket]:
                self._file.read(place, (column[start : start + rows].data for column in whole))
                start += rows
        for part in self._waiting[bucket]:
            end = start + len(part[0])
            for column, values in zip(whole, part, strict=True):
                column[start:end] = values
            start = end
        if not keep:
            self._waiting[bucket], self._written[bucket] = [], []
        return whole

    def close(self) -> None:
        """Forget all rows; the file is gone with them."""
        self._waiting, self._written, self._bytes = [], [], 0
        if self._file is not None:
            self._file.close()
