"""Blocks of rows: what is packed comes back, whatever pieces the rows lay in."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.reading import span
from engagement_cli.native.records import Columns
from engagement_cli.records import replace
from engagement_cli.timeline.block import Batch, Block, Run, Values, packed, unpacked

RANDOM = np.random.default_rng(17)
BUCKETS = 3
NO_NUMBERS, NO_THINGS = np.full(3, -(2**63)), np.array([1, 2, 3], dtype=np.uint64)
NOTHING = np.array([2**63, 0], dtype=np.uint64)


def batch_of(sizes: tuple[int, ...], times: tuple[int, int], unit: int, kinds: int, identified: bool) -> Batch:
    rows = sum(sizes)
    fates = RANDOM.choice([0, 0, 0, 1], rows).astype(np.uint8)
    columns = Columns(
        RANDOM.integers(0, 2**63, rows).astype(np.uint64),
        np.where(fates == 1, -(2**63), RANDOM.integers(*times, rows) * unit),
        RANDOM.integers(0, kinds, rows).astype(np.uint32),
        RANDOM.integers(0, 2**63, rows).astype(np.uint64) if identified else None,
    )
    ends = np.cumsum(sizes).tolist()
    pieces = [columns[slice(end - size, end)] for size, end in zip(sizes, ends, strict=True)]
    numbered, named = (np.flatnonzero(RANDOM.random(rows) < 0.4).astype(np.uint32) for _ in range(2))
    numbers = RANDOM.choice([-(2**63), *range(-9, 9)], len(numbered))
    things = RANDOM.choice(np.array([2, *range(4, 2**40, 2**35)], dtype=np.uint64), len(named))
    values = [Values(numbers, numbered, NO_NUMBERS), Values(things, named, NO_THINGS)]
    bucket = RANDOM.integers(0, BUCKETS, rows).astype(np.uint16)
    return Batch(pieces, fates, bucket, span(columns.time, fates), values)


def block_of(batch: Batch) -> Block:
    return packed(batch, np.bincount(batch.bucket[batch.fates == 0], minlength=BUCKETS))


def run_of(block: Block, bucket: int) -> Run:
    return block.index.run(bucket, block.data[block.index.span(bucket)])


def rows_of(batch: Batch, bucket: int, *, valued: bool) -> list[tuple[int, ...]]:
    """What the bucket should have, row by row."""
    columns = [np.concatenate(each) for each in zip(*(piece.arrays() for piece in batch.pieces), strict=True)]
    mine = (batch.fates == 0) & (batch.bucket == bucket)
    if valued:
        number, thing = np.full(len(mine), -(2**63)), np.zeros(len(mine), np.uint64)
        for column, given in zip((number, thing), batch.values, strict=True):
            column[given.rows] = given.values
        thing[thing == 2] = 0
        mine &= (number != -(2**63)) | (thing != 0)
        columns += [number, thing]
    return list(zip(*(column[mine].tolist() for column in columns), strict=True))


@pytest.mark.parametrize("identified", [False, True])
@pytest.mark.parametrize(
    ("times", "unit", "width"), [((0, 200), 1000, 1), ((-(2**30), 2**30), 10**9, 4), ((-(2**61), 2**61), 1, 8)]
)
@pytest.mark.parametrize("kinds", [5, 300, 2**31])
def test_what_is_packed_comes_back(identified: bool, times: tuple[int, int], unit: int, width: int, kinds: int) -> None:
    batches = [batch_of(sizes, times, unit, kinds, identified) for sizes in ((400, 1, 90), (200,))]
    blocks = [block_of(batch) for batch in batches]
    assert blocks[0].index.form.time_width == width
    for bucket in range(BUCKETS):
        rows, cells = unpacked([run_of(block, bucket) for block in blocks], identified=identified)
        assert [column.dtype for column in rows] == [np.uint64, np.int64, np.uint32, np.uint64][: len(rows)]
        listed, columns = cells.dense(np.arange(len(rows[0]), dtype=np.uint32), NOTHING)
        valued = [*(column[listed] for column in rows), *columns]
        valued[-2] = valued[-2].view(np.int64)
        for columns, with_value in ((rows, False), (valued, True)):
            expected = [row for batch in batches for row in rows_of(batch, bucket, valued=with_value)]
            assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected


def test_no_rows_are_no_bytes_and_come_back() -> None:
    lost = replace(batch_of((5,), (0, 9), 1, 3, identified=False), span=None)
    lost.fates[:] = 1
    block = packed(lost, np.zeros(BUCKETS, np.int64))
    assert len(block.data) == 0
    rows, cells = unpacked([run_of(block, 0)], identified=False)
    assert [len(column) for column in (*rows, *cells.dense(np.empty(0, np.uint32), NOTHING)[1])] == [0] * 5
