"""Writing a segment: into a folder of a temporary name, which gets its own when all of it is on the disk."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from threading import Lock

import numpy as np
import polars as pl

from engagement_cli.timeline.cache import blocks, coding, kind_table
from engagement_cli.timeline.cache.files import File
from engagement_cli.timeline.cache.manifest import Manifest, Place, to_bytes
from engagement_cli.timeline.cache.segment import DATA, MANIFEST
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.spread import Read


class FullError(OSError):
    """The segment would be larger than it may be."""


class Writer:
    """Writes one segment of at most `limit` bytes, from several threads, each bucket once.

    Where that fails nothing is kept, and `failed` says why. All that `finish` raises is `OSError`.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        folder.mkdir(parents=True)
        self._folder, self._limit = folder, limit
        self._data = (folder / DATA).open("xb")
        self._lock = Lock()
        self._size = self._rows = 0
        self._blocks: dict[str, dict[int, Place]] = {}
        self._seen: set[int] = set()
        self.failed: OSError | None = None

    @property
    def buckets(self) -> Collection[int]:
        """Those whose rows were written; all where nothing is kept any more."""
        return self._seen if self.failed is None else range(1 << 32)

    def add(self, bucket: int, part: Part) -> None:
        """Write the rows of a bucket."""
        self.put(bucket, coding.encode(part), len(part.rows))

    def put(self, bucket: int, found: Mapping[str, bytes], rows: int) -> None:
        """Write the blocks of a bucket's rows."""
        with self._lock:
            if self.failed is not None or bucket in self._seen:
                return
            self._seen.add(bucket)
        try:
            for name, block in found.items():
                self._add(name, bucket, block)
        except OSError as error:
            self.failed = error
            self.discard()
        with self._lock:
            self._rows += rows

    def _add(self, name: str, at: int, block: bytes) -> None:
        crc = zlib.crc32(block)
        with self._lock:
            if self._data.closed:
                raise OSError("nothing is kept any more")
            if self._size + len(block) > self._limit:
                raise FullError(f"larger than {self._limit:,} bytes")
            self._data.write(block)
            self._blocks.setdefault(name, {})[at] = Place(self._size, len(block), crc)
            self._size += len(block)

    def finish(self, home: Path, read: Read, *, files: tuple[File, ...], demand: Demand, settled: bool) -> None:
        """Write what was learned and give the segment its place; where one is already, that one stays.

        `settled`: which rows there are does not depend on what was asked of them.
        """
        facts = {"quarter_hours": np.empty(0, np.int64), "fates": read.fates}
        if read.facts is not None:
            facts["quarter_hours"] = read.facts.quarter_hours
        self._add("facts", 0, blocks.to_bytes(facts))
        self._add("kinds", 0, _table_bytes(kind_table.to_table(read.kinds)))
        if read.ids is not None:
            self._add("ids", 0, _table_bytes(read.ids))
        self._data.flush()
        os.fsync(self._data.fileno())
        self._data.close()
        manifest = Manifest(
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            files=files,
            demand=demand,
            settled=settled,
            buckets=len(self._blocks["rows"]),
            rows=self._rows,
            ticks_per_second=read.facts.ticks_per_second if read.facts is not None else 0,
            first=read.facts.first if read.facts is not None else None,
            last=read.facts.last if read.facts is not None else None,
            size=self._size,
            blocks={name: tuple(places[at] for at in sorted(places)) for name, places in self._blocks.items()},
        )
        with (self._folder / MANIFEST).open("xb") as file:
            file.write(to_bytes(manifest))
            file.flush()
            os.fsync(file.fileno())
        if not home.exists():  # else another process was faster
            self._folder.rename(home)

    def discard(self) -> None:
        """Remove what was written and has no place yet."""
        with self._lock, suppress(OSError):  # what is not written yet may find no room
            self._data.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _table_bytes(table: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    table.write_ipc(buffer)
    return buffer.getvalue()
