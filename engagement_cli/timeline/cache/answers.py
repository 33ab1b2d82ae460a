"""What was measured for a whole question, kept under a name that says all that the question depends on.

<folder>/answers-1/<name>
"""

from __future__ import annotations

import os
import re
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engagement_cli.timeline.cache.unfinished import is_abandoned, is_unfinished, new_name

_ROOM = "answers-1"
_NAME = re.compile(r"[0-9a-f]{32}")
_SHARE = 0.1  # of what the cache may take


@dataclass(frozen=True)
class Answer:
    """A kept answer of `size` bytes, `used` last then, in seconds since 1970."""

    file: Path
    size: int
    used: float

    def remove(self) -> None:
        """Remove it."""
        with suppress(OSError):
            self.file.unlink()


@dataclass(frozen=True)
class Answers:
    """A folder of answers, which may not be there yet."""

    folder: Path

    def get(self, name: str) -> bytes | None:
        """An answer that is whole, or None."""
        file = self._room / name
        try:
            crc, _, body = file.read_bytes().partition(b"\n")
            if crc == b"%08x" % zlib.crc32(body):
                os.utime(file)
                return body
        except OSError:
            return None
        file.unlink(missing_ok=True)
        return None

    def put(self, name: str, body: bytes, limit: int) -> None:
        """Keep an answer, and in all no more than a tenth of `limit` bytes, those used last. Raises `OSError`."""
        if len(body) > _SHARE * limit:
            return
        self._room.mkdir(parents=True, exist_ok=True)
        new = self._room / new_name()
        try:
            with new.open("xb") as file:
                file.write(b"%08x\n" % zlib.crc32(body) + body)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._room / name)
        finally:
            new.unlink(missing_ok=True)
        taken = 0.0
        for each in self.all():
            taken += each.size
            if taken > _SHARE * limit or is_unfinished(each.file):
                each.remove()

    def all(self) -> list[Answer]:
        """Every answer, the one used last first, and what was abandoned while it was written."""
        found = []
        with suppress(OSError):
            for file in self._room.iterdir():
                with suppress(OSError):  # removed by another process
                    stat = file.stat()
                    if _NAME.fullmatch(file.name) or (is_unfinished(file) and is_abandoned(file, stat.st_mtime)):
                        found.append(Answer(file, stat.st_size, stat.st_mtime))
        return sorted(found, key=lambda each: (-each.used, each.file.name))

    @property
    def _room(self) -> Path:
        return self.folder / _ROOM
