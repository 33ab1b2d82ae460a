"""A segment: the sorted rows of some files, by bucket, in one file of blocks; and what was learned while reading them.

Whoever reads it holds its file open, so that the segment may be removed at any time.
"""

from __future__ import annotations

import os
import shutil
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl

from engagement_cli.timeline.cache import blocks, coding, kind_table
from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.cache.manifest import from_bytes
from engagement_cli.timeline.clock import Facts
from engagement_cli.timeline.needs import Demand
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.shared_file import SharedFile
from engagement_cli.timeline.spread import Read

DATA, MANIFEST = "data", "manifest"
_LEARNED = ("kinds", "facts", "ids")


class Segment:
    """A kept segment as a source of events, in `buckets`, a multiple of its own.

    It is read from several threads, and by processes that it is sent to. Where it is not as it was written it is
    removed, and `DamagedError` is raised.
    """

    def __init__(self, folder: Path, buckets: int, *, valued: bool) -> None:
        """Open it; `valued` says whether rows with numbers and things are wanted."""
        self._folder, self._buckets, self._valued = folder, buckets, valued
        try:
            self._manifest = from_bytes((folder / MANIFEST).read_bytes())
            self._data = SharedFile(os.open(folder / DATA, os.O_RDONLY | getattr(os, "O_BINARY", 0)))
        except (OSError, DamagedError) as error:
            raise self._removed() from error
        try:
            self.read = self._learned()
        except (OSError, DamagedError, pl.exceptions.PolarsError, KeyError) as error:
            self.close()
            raise self._removed() from error

    @property
    def demand(self) -> Demand:
        """What was asked for when it was read."""
        return self._manifest.demand

    def part(self, bucket: int, *, keep: bool, identities: bool = False) -> Part:
        """A bucket's rows."""
        shares = self._buckets // self._manifest.buckets
        wanted = {"rows": True, "valued": self._valued, "identities": identities}
        try:
            found = {name: self._block(name, bucket // shares) for name in wanted if wanted[name] and self._has(name)}
            return coding.decode(found, self.demand).share(bucket % shares, shares, self._buckets)
        except (OSError, DamagedError, KeyError, IndexError) as error:
            raise self._removed() from error

    def close(self) -> None:
        """Let go of the file."""
        self._data.close()

    def _learned(self) -> Read:
        manifest = self._manifest
        if os.fstat(self._data.fileno()).st_size != manifest.size:
            raise DamagedError("the data has another length")
        found = {name: self._block(name, 0) for name in _LEARNED if self._has(name)}
        facts = blocks.from_bytes(found["facts"])
        known = kind_table.from_table(pl.read_ipc(BytesIO(found["kinds"])), manifest.demand)
        ids = pl.read_ipc(BytesIO(found["ids"])) if "ids" in found else None
        seen, first, last = None, manifest.first, manifest.last
        if first is not None and last is not None:
            seen = Facts(first, last, facts["quarter_hours"].astype(np.int64), manifest.ticks_per_second)
        return Read(known, np.arange(len(known), dtype=np.uint32), seen, facts["fates"].astype(np.int64), ids)

    def _has(self, name: str) -> bool:
        return name in self._manifest.blocks

    def _block(self, name: str, at: int) -> bytes:
        place = self._manifest.blocks[name][at]
        block = self._data.part(slice(place.offset, place.offset + place.length)).tobytes()
        if zlib.crc32(block) != place.crc:
            raise DamagedError(f"{name} is damaged")
        return block

    def _removed(self) -> DamagedError:
        shutil.rmtree(self._folder, ignore_errors=True)
        return DamagedError(str(self._folder))
