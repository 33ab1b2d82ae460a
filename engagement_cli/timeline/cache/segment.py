"""A segment: the sorted rows of some files, by bucket, in one file of blocks; and what was learned while reading them.

Whoever reads it holds its file open, so that the segment may be removed at any time.
"""

from __future__ import annotations

import os
import zlib
from io import BytesIO
from pathlib import Path
from threading import Lock

import numpy as np
import polars as pl

from engagement_cli.timeline.cache import blocks, coding, kinds
from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.cache.manifest import from_bytes
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.spread import Read

DATA, MANIFEST = "data", "manifest"
_LEARNED = ("kinds", "facts", "ids")


class Segment:
    """A segment that was kept, open for reading from several threads."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises `DamagedError`, also where there is none."""
        try:
            self.manifest = from_bytes((folder / MANIFEST).read_bytes())
            self._data = (folder / DATA).open("rb")
        except OSError as error:
            raise DamagedError(str(error)) from error
        self.folder = folder
        self._lock = Lock()
        if os.fstat(self._data.fileno()).st_size != self.manifest.size:
            self.close()
            raise DamagedError("the data has another length")

    def close(self) -> None:
        """Let go of the file."""
        self._data.close()

    def learned(self) -> Read:
        """What was learned while reading. Raises `DamagedError`."""
        manifest = self.manifest
        found = {name: self._block(name, 0) for name in _LEARNED if name in manifest.blocks}
        try:
            facts = blocks.from_bytes(found["facts"])
            table = pl.read_ipc(BytesIO(found["kinds"]))
            known = kinds.from_table(table, manifest.demand)
            ids = pl.read_ipc(BytesIO(found["ids"])) if "ids" in found else None
            quarters, fates = facts["quarter_hours"].astype(np.int64), facts["fates"].astype(np.int64)
        except (KeyError, pl.exceptions.PolarsError, OSError) as error:
            raise DamagedError("what was learned cannot be read") from error
        first, last = manifest.first, manifest.last
        seen = (
            Facts(first, last, quarters, manifest.ticks_per_second) if first is not None and last is not None else None
        )
        return Read(known, np.arange(len(known), dtype=np.uint32), seen, fates, ids)

    def part(self, bucket: int, *, valued: bool, identities: bool) -> Part:
        """The rows of one of its buckets. Raises `DamagedError`."""
        names = ["rows", *(["valued"] if valued else []), *(["identities"] if identities else [])]
        return coding.decode(
            {name: self._block(name, bucket) for name in names if name in self.manifest.blocks}, self.manifest.demand
        )

    def _block(self, name: str, at: int) -> bytes:
        try:
            place = self.manifest.blocks[name][at]
            with self._lock:
                self._data.seek(place.offset)
                block = self._data.read(place.length)
        except (OSError, KeyError, IndexError, ValueError) as error:
            raise DamagedError(f"{name} cannot be read") from error
        if zlib.crc32(block) != place.crc:
            raise DamagedError(f"{name} is damaged")
        return block
