"""Event rows packed bucket by bucket, and back: of each bucket first the records of its rows, then their values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engagement_cli.native import values
from engagement_cli.native.partition import Buckets, Counts, Fates, filled
from engagement_cli.native.records import Columns, Form, no_rows
from engagement_cli.native.rows import gathered
from engagement_cli.records import Record
from engagement_cli.timeline.scale import common_scale

Array = NDArray[np.generic]
Bytes = NDArray[np.uint8]


class Piece(Record):
    """Rows that lie in one piece in memory, of which those of fate 0 are kept, and their buckets.

    `values` are columns of 8 bytes a value, each with the three values that mean nothing in it.
    """

    rows: Columns
    fates: Fates
    bucket: Buckets
    values: Sequence[tuple[Array, Array]]


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


def packed(pieces: Sequence[Piece], counts: Counts) -> Block:
    """The rows kept of some pieces of one batch; `counts` says how many each bucket has."""
    cells = np.zeros(len(counts), np.int64)
    listed = [[filled(*column, p.fates, p.bucket, cells) for column in p.values] for p in pieces]
    index = Index(_form(pieces), counts, cells)
    data = np.empty(index.starts[-1], np.uint8)
    seen, seen_cells = np.zeros(len(counts), np.int64), np.zeros(len(counts), np.int64)
    for piece, lists in zip(pieces, listed, strict=True):
        place = index.form.put(piece.rows, piece.fates, piece.bucket, index.starts, seen, data)
        for number, ((column, _), which) in enumerate(zip(piece.values, lists, strict=True)):
            values.put(column, number, which, piece.bucket, place, index.cell_starts, seen_cells, data)
    return Block(index, data)


def _form(pieces: Sequence[Piece]) -> Form:
    """The narrowest form of the rows that are kept."""
    kept = [p.rows.time[p.fates == 0] if p.fates.any() else p.rows.time for p in pieces]
    scale = common_scale(kept)
    last = max((int(time.max()) for time in kept if len(time)), default=scale.first)
    kind = max((int(p.rows.kind.max()) for p in pieces if len(p.rows)), default=0)
    identified = pieces[0].rows.identity is not None
    return Form(scale.first, scale.unit, _bytes((last - scale.first) // scale.unit), _bytes(kind), identified)


def _bytes(number: int) -> int:
    return max(-(-number.bit_length() // 8), 1)


def unpacked(runs: Iterable[Run], nothing: NDArray[np.uint64], *, identified: bool) -> tuple[list[Array], list[Array]]:
    """A bucket's rows, and again those that have a value, one array a column: customers' hashes, ticks, kinds,
    identities if there are any, and in the latter the values, in each column's `nothing` where there is none."""
    runs = list(runs)
    ends = np.cumsum([len(run) for run in runs], dtype=np.int64)
    before = [0, *ends.tolist()]
    rows = no_rows(before[-1], identified=identified)
    for run, start in zip(runs, before, strict=False):
        run.form.get(run.records, rows[start : start + len(run)])
    cells = [(start, run.cells) for run, start in zip(runs, before, strict=False)]
    listed, columns = values.dense(cells, len(rows), nothing)
    whole = rows.arrays()
    return whole, [*(gathered(column, listed) for column in whole), *columns]
