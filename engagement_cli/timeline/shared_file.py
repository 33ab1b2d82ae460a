"""An open file that is read and written by place: by several threads, and by the processes that it is sent to."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import FileIO
from threading import Lock

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1 << 20  # bytes a write: for many more Linux looks for memory in one piece, which took seven times as long


class SharedFile:
    """A file by its descriptor, which it closes. What it raises is `OSError`."""

    def __init__(self, file: int) -> None:
        self._file = FileIO(file)

    def fileno(self) -> int:
        """The file's descriptor."""
        return self._file.fileno()

    def part(self, span: slice) -> NDArray[np.uint8]:
        """What lies in a span."""
        found = np.empty(span.stop - span.start, np.uint8)
        buffer, place = found.data, span.start
        while buffer:
            if not (done := _read(self.fileno(), buffer, place)):
                raise OSError("it ends too early")
            buffer, place = buffer[done:], place + done
        return found

    def put(self, piece: memoryview, place: int) -> None:
        """Write bytes at a place."""
        while piece:
            done = _write(self.fileno(), piece[:_AT_ONCE], place)
            piece, place = piece[done:], place + done

    def close(self) -> None:
        """Let go of the file; a temporary one is gone with that."""
        with suppress(OSError):
            self._file.close()


if sys.platform == "win32":
    _AT = Lock()  # there are no calls that take the place with them

    def _write(file: int, piece: memoryview, place: int) -> int:
        with _AT:
            os.lseek(file, place, os.SEEK_SET)
            return os.write(file, piece)

    def _read(file: int, buffer: memoryview, place: int) -> int:
        with _AT:
            os.lseek(file, place, os.SEEK_SET)
            found = os.read(file, len(buffer))
        buffer[: len(found)] = found
        return len(found)

else:

    def _write(file: int, piece: memoryview, place: int) -> int:
        return os.pwrite(file, piece, place)

    def _read(file: int, buffer: memoryview, place: int) -> int:
        return os.preadv(file, [buffer], place)
