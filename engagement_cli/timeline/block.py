"""Event rows packed bucket by bucket, and back: of each bucket first the records of its rows, then their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native import values
from engagement_cli.native.partition import Buckets, Counts, Fates, Rows, filled
from engagement_cli.native.records import Columns, Form, no_rows
from engagement_cli.records import Record
from engagement_cli.timeline.scale import scale_from

Array = NDArray[np.generic]
Bytes = NDArray[np.uint8]
T = TypeVar("T", bound=Sized)


class Values(Record):
    """A column's values, of 8 bytes each, and the batch's rows that have them; three values mean nothing."""

    values: Array
    rows: Rows
    nothing: Array


class Batch(Record):
    """Rows in pieces as they lie in memory, the column of values; and of all rows the fates and buckets.

    Rows of fate 0 are kept; `span` has the first and the last instant of these, if there are any.
    """

    pieces: Sequence[Columns]
    fates: Fates
    bucket: Buckets
    span: tuple[int, int] | None
    values: Sequence[Values]


class Run(Record):
    """One block's rows of one bucket."""

    form: Form
    records: Bytes
    cells: Bytes

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.records) // self.form.width


class Index(Record):
    """How a block is read: the form of its records, and how many records and cells each bucket has."""

    form: Form
    rows: Counts
    cells: Counts

    @cached_property
    def starts(self) -> Counts:
        """The first byte of each bucket, and the end of the last."""
        sizes = self.rows * self.form.width + self.cells * values.CELL
        return np.concatenate([[0], np.cumsum(sizes)])

    @cached_property
    def cell_starts(self) -> Counts:
        """The first byte of each bucket's cells."""
        return self.starts[:-1] + self.rows * self.form.width

    def span(self, bucket: int) -> slice:
        """Where a bucket's bytes lie in the block."""
        return slice(*self.starts[bucket : bucket + 2].tolist())

    def run(self, bucket: int, data: Bytes) -> Run:
        """A bucket's rows, of its bytes."""
        records = int(self.rows[bucket]) * self.form.width
        return Run(self.form, data[:records], data[records:])


class Block(Record):
    """The rows of one batch."""

    index: Index
    data: Bytes


def packed(batch: Batch, counts: Counts) -> Block:
    """The rows kept of a batch; `counts` says how many each bucket has."""
    fates, bucket = batch.fates, batch.bucket
    cells = np.zeros(len(counts), np.int64)
    kept = [filled(each.values, each.rows, each.nothing, fates, bucket, cells) for each in batch.values]
    index = Index(_form(batch), counts, cells)
    data, place = np.empty(index.starts[-1], np.uint8), np.empty(len(fates), np.uint32)
    seen = np.zeros(len(counts), np.int64)
    for piece, which in in_turn(batch.pieces):
        index.form.put(piece, fates[which], bucket[which], index.starts, seen, place[which], data)
    seen = np.zeros(len(counts), np.int64)
    for number, (value, rows) in enumerate(kept):
        values.put(value, number, rows, bucket, place, index.cell_starts, seen, data)
    return Block(index, data)


def in_turn(pieces: Iterable[T]) -> Iterator[tuple[T, slice]]:
    """Pieces of a batch, each with its rows among those of the batch."""
    start = 0
    for piece in pieces:
        yield piece, slice(start, start + len(piece))
        start += len(piece)


def _form(batch: Batch) -> Form:
    """The narrowest form of the rows that are kept; of the times of others only those before do not count."""
    first, last = batch.span or (0, 0)
    scale = scale_from(first, [piece.time for piece in batch.pieces])
    kind = max((int(piece.kind.max()) for piece in batch.pieces if len(piece)), default=0)
    identified = batch.pieces[0].identity is not None
    return Form(scale.first, scale.unit, _bytes((last - scale.first) // scale.unit), _bytes(kind), identified)


def _bytes(number: int) -> int:
    return max(-(-number.bit_length() // 8), 1)


class Cells(Record):
    """The values of some rows as they lie in blocks: of each run how many rows come before its own, and its cells."""

    runs: Sequence[tuple[int, Bytes]]

    def dense(self, order: Rows, nothing: NDArray[np.uint64]) -> tuple[Rows, list[NDArray[np.uint64]]]:
        """Where in an order of the rows those with a value are, and the columns of these, where none is `nothing`."""
        return values.dense(self.runs, order, nothing)


def unpacked(runs: Iterable[Run], *, identified: bool) -> tuple[list[Array], Cells]:
    """A bucket's rows, an array a column: customers' hashes, ticks, kinds, and identities if there are any; and the
    values that some of them have."""
    runs = list(runs)
    ends = np.cumsum([len(run) for run in runs], dtype=np.int64)
    before = [0, *ends.tolist()]
    rows = no_rows(before[-1], identified=identified)
    for run, start in zip(runs, before, strict=False):
        run.form.get(run.records, rows[start : start + len(run)])
    return rows.arrays(), Cells([(start, run.cells) for run, start in zip(runs, before, strict=False)])
