"""A temporary file for what memory does not hold. It has no name: the system removes it however the process ends.

Where `/tmp` lies in memory, as on several Linux distributions, and `TMPDIR` says nothing else, `/var/tmp` is taken.
"""

from __future__ import annotations

import mmap
import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from engagement_cli.errors import UserError
from engagement_cli.kernels.bytes_in_words import bytes_in_words
from engagement_cli.timeline.shared_file import SharedFile

_ROOMIER = Path("/var/tmp")
_MOUNTS = Path("/proc/mounts")
_IN_MEMORY = ("tmpfs", "ramfs")
_HINT = "free some space, point TMPDIR at a larger disk, or allow more with --memory"


def spill_folder() -> Path:
    """Where temporary files go: `TMPDIR`, or the system's folder that is not in memory."""
    folder = Path(tempfile.gettempdir())
    if "TMPDIR" in os.environ or not _in_memory(folder) or not os.access(_ROOMIER, os.W_OK) or _in_memory(_ROOMIER):
        return folder
    return _ROOMIER


def _in_memory(folder: Path) -> bool:
    with suppress(OSError):
        mounts = [line.split()[1:3] for line in _MOUNTS.read_text(encoding="utf-8").splitlines()]
        around = {Path(place): kind for place, kind in mounts}
        return next((around[p] for p in (folder, *folder.parents) if p in around), "") in _IN_MEMORY
    return False


def has_room(needed: int, folder: Path | None = None) -> bool:
    """Whether the temporary folder may take so many bytes."""
    return needed <= shutil.disk_usage(spill_folder() if folder is None else folder).free


def refuse_small_disk(needed: int, folder: Path | None = None) -> None:
    """Raise `UserError` where the temporary folder surely has no room for so many bytes."""
    folder = spill_folder() if folder is None else folder
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"temporary files would take about {bytes_in_words(needed)}; {bytes_in_words(free)} are free",
            where=str(folder),
            hint=_HINT,
        )


class SpillFile(SharedFile):
    """Bytes that are written once and read back from where they lie. What it raises is `UserError`."""

    def __init__(self, folder: Path | None = None, *, file: int | None = None) -> None:
        """A new file, or one of another process that is only read, by its descriptor."""
        self._folder = spill_folder() if folder is None else folder
        self._lock = Lock()
        self._end = 0
        try:
            super().__init__(_nameless(self._folder) if file is None else file)
        except OSError as error:
            raise self._refused("cannot make a temporary file", error) from error

    def write(self, pieces: Iterable[memoryview]) -> int:
        """Put the pieces one behind the other at the end; the place of the first."""
        each = [piece.cast("B") for piece in pieces]
        with self._lock:
            place = at = self._end
            self._end += sum(map(len, each))
        try:
            for piece in each:
                self.put(piece, at)
                at += len(piece)
        except OSError as error:
            raise self._refused("cannot write temporary files", error) from error
        return place

    def part(self, span: slice) -> NDArray[np.uint8]:
        """What lies in a span."""
        try:
            return super().part(span)
        except OSError as error:
            raise self._refused("cannot read temporary files", error) from error

    def _refused(self, what: str, error: OSError) -> UserError:
        return UserError(f"{what}: {error.strerror or error}", where=str(self._folder), hint=_HINT)


class MemoryFile(SpillFile):
    """Bytes in memory, which other processes that get the file have too (Linux)."""

    def __init__(self, *, file: int | None = None) -> None:
        super().__init__(file=os.memfd_create("engagement-rows") if file is None else file)

    @cached_property
    def _bytes(self) -> NDArray[np.uint8]:
        return np.frombuffer(mmap.mmap(self.fileno(), 0, prot=mmap.PROT_READ), np.uint8)

    def part(self, span: slice) -> NDArray[np.uint8]:
        """What lies in a span, where it lies; nothing may be written any more."""
        return self._bytes[span]


def _nameless(folder: Path) -> int:
    """The descriptor of a new file without a name."""
    with tempfile.TemporaryFile(buffering=0, prefix="engagement-", dir=folder) as file:
        return os.dup(file.fileno())
