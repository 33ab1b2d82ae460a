"""The folder of kept segments: what is in it, clearing it, and keeping it to a size.

    <folder>/timelines-1/<recipe>/<segment>/{manifest,data}

A recipe is all that decides how a row is read. Nothing is removed but folders that are called like these.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engagement_cli.records import Record
from engagement_cli.timeline.cache.blocks import DamagedError
from engagement_cli.timeline.cache.manifest import Manifest, from_bytes
from engagement_cli.timeline.cache.place import made
from engagement_cli.timeline.cache.segment import MANIFEST
from engagement_cli.timeline.cache.unfinished import is_abandoned, is_unfinished, new_name

_ROOM = "timelines-1"
_NAME = re.compile(r"[0-9a-f]{32}")


class Remains(Record):
    """A folder of `size` bytes in which no segment can be read, or not yet; times are seconds since 1970."""

    folder: Path
    size: int
    used: float

    def remove(self) -> bool:
        """Remove it, and whether it is gone; whoever has it open can read on."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            self.folder.parent.rmdir()  # where it was the last one
        return not self.folder.exists()


class Kept(Remains):
    """A segment that was kept; `used` last then."""

    manifest: Manifest

    def touch(self) -> None:
        """Say that it was used now."""
        with suppress(OSError):
            os.utime(self.folder / MANIFEST)


class Shelf(Record):
    """A folder of segments, which may not be there yet."""

    folder: Path

    def of_recipe(self, recipe: str) -> list[Kept]:
        """The segments of one recipe."""
        return [found for found in _found(self._room / recipe) if isinstance(found, Kept)]

    def all(self) -> list[Remains]:
        """Everything of every recipe, what was used last first."""
        found = [each for recipe in _folders(self._room) for each in _found(recipe)]
        return sorted(found, key=lambda each: (-each.used, str(each.folder)))

    def home(self, recipe: str, segment: str) -> Path:
        """Where a segment belongs."""
        return self._room / recipe / segment

    def new(self, recipe: str) -> Path:
        """A folder for a segment to be written in, which is not there yet. Raises `OSError`."""
        return made(self.folder, _ROOM, recipe) / new_name()

    def keep_to(self, limit: int) -> None:
        """Remove what was abandoned, then the segments used longest ago, until the rest takes no more than `limit`."""
        taken = 0
        for each in self.all():
            kept = isinstance(each, Kept)
            if (kept and taken + each.size > limit) or (not kept and is_abandoned(each.folder, each.used)):
                each.remove()
            else:
                taken += each.size

    def free(self) -> int:
        """Bytes free on its disk. Raises `OSError`."""
        there = next(folder for folder in (self.folder, *self.folder.absolute().parents) if folder.exists())
        return shutil.disk_usage(there).free

    @property
    def _room(self) -> Path:
        return self.folder / _ROOM


def _found(recipe: Path) -> Iterator[Remains]:
    for folder in _folders(recipe):
        with suppress(OSError):  # removed by another process
            size = sum(file.stat().st_size for file in folder.iterdir())
            remains = Remains(folder, size, folder.stat().st_mtime)
            yield remains if is_unfinished(folder) else _kept(remains)


def _kept(remains: Remains) -> Remains:
    file = remains.folder / MANIFEST
    try:
        return Kept(remains.folder, remains.size, file.stat().st_mtime, from_bytes(file.read_bytes()))
    except (OSError, DamagedError):
        return remains


def _folders(parent: Path) -> list[Path]:
    """The folders in a folder that are called like those made here."""
    try:
        return [f for f in parent.iterdir() if (_NAME.fullmatch(f.name) or is_unfinished(f)) and f.is_dir()]
    except OSError:
        return []
