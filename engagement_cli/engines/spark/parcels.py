"""Parcels: the rows that travel between tasks and driver, `(part, task, bucket, payload)`, frames as Arrow IPC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from engagement_cli.records import Record

if TYPE_CHECKING:
    import pyarrow as pa

ERROR, BUG = "error", "bug"  # instead of what a task should have given
SCHEMA = "part string, task int, bucket int, payload binary"
ROWS_A_PARCEL = 100_000  # a few megabytes, of which Spark holds several at once
_BYTES_A_BATCH = 16 << 20


class Parcel(Record):
    """Something of one part of the work; `task` orders parcels of the same part and bucket."""

    part: str
    payload: bytes
    task: int = 0
    bucket: int = 0


def packed(frame: pl.DataFrame) -> bytes:
    """A frame as an Arrow IPC stream, compressed: what the driver's JVM holds of it all at once may be much."""
    stream = BytesIO()
    frame.write_ipc_stream(stream, compression="zstd")
    return stream.getvalue()


def unpacked(payload: bytes) -> pl.DataFrame:
    """The frame of an Arrow IPC stream."""
    return pl.read_ipc_stream(BytesIO(payload))


def in_parcels(part: str, frame: pl.DataFrame, bucket: int) -> Iterator[Parcel]:
    """A frame in parcels of bounded size, numbered in the order of its rows."""
    for number, start in enumerate(range(0, max(frame.height, 1), ROWS_A_PARCEL)):
        yield Parcel(part, packed(frame.slice(start, ROWS_A_PARCEL)), number, bucket)


def to_batches(parcels: Iterable[Parcel]) -> Iterator[pa.RecordBatch]:
    """Record batches of some megabytes each."""
    waiting: list[Parcel] = []
    size = 0
    for parcel in parcels:
        waiting.append(parcel)
        size += len(parcel.payload)
        if size > _BYTES_A_BATCH:
            yield to_batch(waiting)
            waiting, size = [], 0
    if waiting:
        yield to_batch(waiting)


def to_batch(parcels: Iterable[Parcel]) -> pa.RecordBatch:
    """One record batch of some parcels."""
    import pyarrow as pa

    parcels = list(parcels)
    return pa.record_batch(
        {
            "part": pa.array([parcel.part for parcel in parcels], pa.string()),
            "task": pa.array([parcel.task for parcel in parcels], pa.int32()),
            "bucket": pa.array([parcel.bucket for parcel in parcels], pa.int32()),
            "payload": pa.array([parcel.payload for parcel in parcels], pa.binary()),
        }
    )


def from_batch(batch: pa.RecordBatch | pa.Table) -> Iterator[Parcel]:
    """The parcels of a record batch, one after another."""
    part, task, bucket, payload = (batch.column(name) for name in ("part", "task", "bucket", "payload"))
    for row in range(batch.num_rows):
        yield Parcel(part[row].as_py(), payload[row].as_py(), task[row].as_py(), bucket[row].as_py())
