"""Where packed event rows wait until they are measured: in memory, and in a temporary file once they are many."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from engagement_cli.timeline.block import Block, Index, Run
from engagement_cli.timeline.spill import MemoryFile, SpillFile


class BlockStore:
    """Blocks of rows in as many buckets; those that come when there are `allowed` bytes (None: any) go to a file.

    `append` may be called from several threads; it raises `UserError` where the disk takes no more. One that is
    `shared` may be sent to other processes once all is appended: what is in memory lies in a file there.
    """

    def __init__(
        self, buckets: int, allowed: int | None = None, folder: Path | None = None, *, shared: bool = False
    ) -> None:
        self._allowed = allowed
        self._folder = folder
        self._lock = Lock()
        self._memory = MemoryFile() if shared else None
        self._file: SpillFile | None = None
        self._left = buckets  # that may be asked for again
        self._waiting: list[Block] = []
        self._written: list[tuple[Index, SpillFile, int]] = []  # in which file, and where
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
        """For another process, which reads what lies in files."""
        return {**self.__dict__, "_lock": None}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__.update(state, _lock=Lock())

    def append(self, block: Block) -> None:
        """Keep the rows of one batch."""
        with self._lock:
            size = self._bytes + block.data.nbytes
            file: SpillFile | None = self._memory
            if self._allowed is None or size <= self._allowed:
                self._bytes = size
            else:
                file = self._file = self._file or SpillFile(self._folder)
            if file is None:
                self._waiting.append(block)
                return
        self._written.append((block.index, file, file.write([block.data.data])))  # a list's append is atomic

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
        spans = [index.span(bucket) for index, _, _ in self._written]
        return [
            index.run(bucket, file.part(slice(place + span.start, place + span.stop)))
            for (index, file, place), span in zip(self._written, spans, strict=True)
        ]

    def close(self) -> None:
        """Forget all rows; the file is gone with them."""
        self._waiting, self._written, self._bytes = [], [], 0
        for file in (self._memory, self._file):
            if file is not None:
                file.close()
