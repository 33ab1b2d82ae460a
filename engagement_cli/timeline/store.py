"""Where packed event rows wait until they are measured: in memory, and in a temporary file once they are many."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import numpy as np

from engagement_cli.timeline.block import Block, Index, Run
from engagement_cli.timeline.spill import SpillFile


class BlockStore:
    """Blocks of rows in as many buckets; those that come when there are `allowed` bytes (None: any) go to a file.

    `append` may be called from several threads; it raises `UserError` where the disk takes no more.
    """

    def __init__(self, buckets: int, allowed: int | None = None, folder: Path | None = None) -> None:
        self._allowed = allowed
        self._folder = folder
        self._lock = Lock()
        self._file: SpillFile | None = None
        self._left = buckets  # that may be asked for again
        self._waiting: list[Block] = []
        self._written: list[tuple[Index, int]] = []  # and where in the file
        self._bytes = 0

    @property
    def spilled(self) -> bool:
        """Whether rows lie in a file."""
        return self._file is not None

    @property
    def waiting_bytes(self) -> int:
        """How much lies in memory once all is appended and nothing taken."""
        return self._bytes

    def __getstate__(self) -> dict[str, object]:
        """For another process, which reads what lies in the file."""
        return {**self.__dict__, "_lock": None, "_waiting": []}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, _lock=Lock())

    def append(self, block: Block) -> None:
        """Keep the rows of one batch."""
        with self._lock:
            size = self._bytes + block.data.nbytes
            if self._allowed is None or size <= self._allowed:
                self._waiting.append(block)
                self._bytes = size
                return
            if self._file is None:
                self._file = SpillFile(self._folder)
        place = self._file.write([block.data.data])
        self._written.append((block.index, place))  # a list's append is atomic

    def take(self, bucket: int, *, keep: bool = False) -> list[Run]:
        """All rows of a bucket, which is taken once unless they are to be kept: all are forgotten after the last."""
        runs = [block.index.run(bucket, block.data[block.index.span(bucket)]) for block in self._waiting]
        runs += self._read(bucket)
        with self._lock:
            self._left -= not keep
            if not self._left:
                self._waiting.clear()
        return [run for run in runs if len(run)]

    def _read(self, bucket: int) -> list[Run]:
        if self._file is None:
            return []
        spans = [index.span(bucket) for index, _ in self._written]
        ends = np.cumsum([span.stop - span.start for span in spans])
        each = np.split(np.empty(ends[-1], np.uint8), ends[:-1])
        for (_, place), span, data in zip(self._written, spans, each, strict=True):
            self._file.read(place + span.start, [data.data])
        return [index.run(bucket, data) for (index, _), data in zip(self._written, each, strict=True)]

    def close(self) -> None:
        """Forget all rows; the file is gone with them."""
        self._waiting, self._written, self._bytes = [], [], 0
        if self._file is not None:
            self._file.close()
