"""What was measured for a whole question, kept under a name that says all that the question depends on.

<folder>/answers-1/<name>
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from engagement_cli.records import Record
from engagement_cli.timeline.cache.place import made
from engagement_cli.timeline.cache.unfinished import is_abandoned, is_unfinished, new_name

_ROOM = "answers-1"
_NAME = re.compile(r"[0-9a-f]{32}")
_WORD, _CHECKSUM = 8, 4  # bytes of a length, and of what stands at the end of all pieces
_SHARE = 0.1  # of what the cache may take


class Answer(Record):
    """A kept answer of `size` bytes, `used` last then, in seconds since 1970."""

    file: Path
    size: int
    used: float

    def remove(self) -> bool:
        """Remove it, and whether it is gone."""
        with suppress(OSError):
            self.file.unlink()
        return not self.file.exists()


class Answers(Record):
    """A folder of answers, which may not be there yet."""

    folder: Path

    def get(self, name: str) -> list[bytes] | None:
        """The pieces of an answer that is whole, or None."""
        file = self._room / name
        try:
            content = memoryview(file.read_bytes())
            os.utime(file)
        except OSError:
            return None
        pieces, at = [], 0
        while at + _WORD <= len(content):
            length = int.from_bytes(content[at : at + _WORD], "little")
            pieces.append(bytes(content[at + _WORD : at + _WORD + length]))
            at += _WORD + length
        if len(pieces) > 1 and pieces.pop() == _checksum(zlib.crc32(content[: -_WORD - _CHECKSUM])):
            return pieces
        file.unlink(missing_ok=True)
        return None

    def put(self, name: str, pieces: Iterable[bytes], limit: int) -> None:
        """Keep an answer, and in all no more than a tenth of `limit` bytes, those used last. Raises `OSError`."""
        new, crc, size = made(self.folder, _ROOM) / new_name(), 0, 0
        try:
            with new.open("xb") as file:
                for piece in pieces:
                    whole = len(piece).to_bytes(_WORD, "little") + piece
                    crc, size = zlib.crc32(whole, crc), size + len(whole)
                    if size > _SHARE * limit:
                        return
                    file.write(whole)
                file.write(_CHECKSUM.to_bytes(_WORD, "little") + _checksum(crc))
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._room / name)
        finally:
            new.unlink(missing_ok=True)
        taken = 0
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


def _checksum(crc: int) -> bytes:
    return crc.to_bytes(_CHECKSUM, "little")
