"""What a kept segment says of itself: the files it was read from, what was read of them, and where its blocks lie."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from engagement_cli.records import Record, plain
from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.cache.files import File
from engagement_cli.timeline.needs import Demand

_LISTS = ("predicates", "numbers", "things", "texts")


class Place(Record):
    """Where a block lies in the data, and the CRC-32 of its bytes."""

    offset: int
    length: int
    crc: int


class Manifest(Record):
    """One segment of `rows` rows in `buckets` buckets; `first` and `last` instant where there are any.

    `settled` says that which rows there are does not depend on what was asked of them, so that less can be asked.
    `blocks` has the places of blocks by name, one a bucket, or one alone for what concerns all of them.
    """

    made: str
    files: tuple[File, ...]
    demand: Demand
    settled: bool
    buckets: int
    rows: int
    ticks_per_second: int
    first: int | None
    last: int | None
    size: int
    blocks: Mapping[str, tuple[Place, ...]]

    @property
    def marks(self) -> frozenset[str]:
        """The marks of its files."""
        return frozenset(file.mark for file in self.files)

    @property
    def possible(self) -> bool:
        """Whether the numbers are such as a segment can have."""
        dated = (self.first is None) == (self.last is None)
        return self.buckets >= 1 and self.rows >= 0 and self.ticks_per_second >= 1 and dated and bool(self.files)

    def serves(self, demand: Demand) -> bool:
        """Whether it has all that is asked for."""
        if not self.settled:
            return self.demand == demand
        mine = self.demand
        return mine.keep_ids >= demand.keep_ids and all(
            set(getattr(demand, name)) <= set(getattr(mine, name)) for name in _LISTS
        )


def to_bytes(manifest: Manifest) -> bytes:
    """A manifest as JSON, with a checksum in front."""
    body = json.dumps(plain(manifest), separators=(",", ":")).encode()
    return b"%08x\n" % zlib.crc32(body) + body


def from_bytes(text: bytes) -> Manifest:
    """The manifest. Raises `DamagedError`."""
    try:
        crc, body = text.split(b"\n", 1)
        if int(crc, 16) != zlib.crc32(body):
            raise DamagedError("the manifest is damaged")
        found = json.loads(body)
        manifest = Manifest(
            made=str(found["made"]),
            files=tuple(File(**file) for file in found["files"]),
            demand=demand_of(found["demand"]),
            blocks={name: tuple(Place(**place) for place in places) for name, places in found["blocks"].items()},
            **{
                name: found[name]
                for name in ("settled", "buckets", "rows", "ticks_per_second", "first", "last", "size")
            },
        )
        if not manifest.possible:
            raise DamagedError("the manifest says what cannot be")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedError("the manifest cannot be read") from error
    return manifest


def demand_of(found: Mapping[str, Any]) -> Demand:
    """A demand from what JSON made of it. Raises `KeyError` or `TypeError`."""
    predicates, numbers, things, texts = (tuple(found[name]) for name in _LISTS)
    return Demand(predicates, numbers, things, texts, keep_ids=bool(found["keep_ids"]))
