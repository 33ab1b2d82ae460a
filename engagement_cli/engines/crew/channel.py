"""Messages between processes of one machine: pickles, whose arrays are not copied, and the files that they refer to."""

from __future__ import annotations

import pickle
import socket
import struct
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import Any

from engagement_cli.records import Record
from engagement_cli.timeline.cache import coding
from engagement_cli.timeline.cache.writer import Writer
from engagement_cli.timeline.part import Part
from engagement_cli.timeline.shared_file import SharedFile

_HEAD = struct.Struct("<QQQ")  # how many files and buffers follow, and the bytes of the pickle
_SIZE = struct.Struct("<Q")
_MOST_FILES = 200  # the system passes at once


class Letter(Record):
    """A message as it is sent: the pickle, the arrays beside it, and the descriptors of the files it refers to."""

    pickled: memoryview
    arrays: Sequence[memoryview]
    files: Sequence[int]


def letter(message: object, writers: list[Writer] | None = None) -> Letter:
    """A message to be sent, once or more often; writers that it refers to join those that stay here.

    Raises `PicklingError` for one that refers to a writer where none can stay.
    """
    buffers: list[pickle.PickleBuffer] = []
    packing = _Pickler(stream := BytesIO(), buffers, writers)
    packing.dump(message)
    return Letter(stream.getbuffer(), [buffer.raw() for buffer in buffers], packing.files)


class Channel:
    """One end of a connection. Files that a message refers to go along; a writer stays, and what it gets comes back."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        """The descriptor, to wait on."""
        return self._end.fileno()

    def send(self, message: object) -> None:
        """Send a message that refers to no writers, or a letter. Raises `OSError` where nobody listens any more."""
        sent = message if isinstance(message, Letter) else letter(message)
        files = sent.files
        self._end.sendall(_HEAD.pack(len(files), len(sent.arrays), len(sent.pickled)))
        for at in range(0, len(files), _MOST_FILES):
            socket.send_fds(self._end, [b"."], files[at : at + _MOST_FILES])
        self._end.sendall(b"".join(_SIZE.pack(len(each)) for each in sent.arrays))
        for each in (sent.pickled, *sent.arrays):
            self._end.sendall(each)

    def receive(self) -> Any:
        """The next message. Raises `EOFError` where none will come."""
        there, count, length = _HEAD.unpack(self._bytes(_HEAD.size))
        files: list[int] = []
        while len(files) < there:
            mark, some, _, _ = socket.recv_fds(self._end, 1, _MOST_FILES)
            if not mark:
                raise EOFError
            files += some
        sizes = [size for (size,) in _SIZE.iter_unpack(self._bytes(count * _SIZE.size))]
        packed = self._bytes(length)
        buffers = [self._bytes(size) for size in sizes]
        return _Unpickler(BytesIO(packed), buffers, files, self).load()

    def close(self) -> None:
        """Hang up."""
        self._end.close()

    def _bytes(self, size: int) -> bytearray:
        found = bytearray(size)
        rest = memoryview(found)
        while rest:
            if not (got := self._end.recv_into(rest, len(rest), socket.MSG_WAITALL)):
                raise EOFError
            rest = rest[got:]
        return found


class _Pickler(pickle.Pickler):
    def __init__(self, stream: BytesIO, buffers: list[pickle.PickleBuffer], writers: list[Writer] | None) -> None:
        super().__init__(stream, protocol=5, buffer_callback=buffers.append)
        self._places: dict[int, int] = {}
        self._writers = writers

    @property
    def files(self) -> list[int]:
        """The descriptors of files, in the order of their numbers."""
        return [*self._places]

    def reducer_override(self, obj: Any) -> Any:
        return (import_module, (obj.__name__,)) if isinstance(obj, ModuleType) else NotImplemented

    def persistent_id(self, obj: Any) -> tuple[Any, ...] | None:
        if isinstance(obj, SharedFile):
            return type(obj), self._places.setdefault(obj.fileno(), len(self._places))
        if isinstance(obj, Writer):
            if self._writers is None:
                raise pickle.PicklingError("a writer goes along in a letter alone")
            self._writers.append(obj)
            return Writer, len(self._writers) - 1, obj.buckets
        return None


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: BytesIO, buffers: Sequence[bytearray], files: Sequence[int], channel: Channel) -> None:
        super().__init__(stream, buffers=buffers)
        self._files = files
        self._made: dict[int, SharedFile] = {}
        self._channel = channel

    def persistent_load(self, pid: Any) -> Any:
        kind, number, *more = pid
        if kind is Writer:
            return Courier(self._channel, number, *more)
        if number not in self._made:
            self._made[number] = kind(file=self._files[number])
        return self._made[number]


class Wrote(Record):
    """The blocks of a bucket's rows, for a writer to put down."""

    writer: int
    bucket: int
    blocks: Mapping[str, bytes]
    rows: int


class Courier(Record):
    """Keeps rows by sending them to a writer of the process at the channel's other end."""

    channel: Channel
    writer: int
    buckets: Collection[int]

    def add(self, bucket: int, part: Part) -> None:
        """Send the rows of a bucket."""
        self.channel.send(Wrote(self.writer, bucket, coding.encode(part), len(part.rows)))

    def discard(self) -> None:
        """Nothing: the writer is not here."""
