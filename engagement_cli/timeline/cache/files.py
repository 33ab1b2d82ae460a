"""Which files a timeline was read from, so that it is used only while they are what they were."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from engagement_cli.records import Record

By = Literal["file", "content"]


class File(Record):
    """A file that was read: where it was, how large, and the mark that changes when it does."""

    path: str
    size: int
    mark: str


def identify(files: Sequence[Path], by: By = "file") -> tuple[File, ...]:
    """The files as they are now: marked by path, size, time of change and inode, or by what they hold.

    Several files of the same content are told apart by counting, for their rows count as often. Raises `OSError`.
    """
    seen: Counter[str] = Counter()
    found = []
    for file in files:
        path, stat = file.resolve(), file.stat()
        if by == "content":
            with file.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            seen[digest] += 1
            mark = f"{digest} {seen[digest]}"
        else:
            mark = f"{path} {stat.st_size} {stat.st_mtime_ns} {stat.st_ino}"
        found.append(File(str(path), stat.st_size, mark))
    return tuple(found)
