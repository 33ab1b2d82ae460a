"""Blocks of rows: what is packed comes back, whatever pieces the rows lay in."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.records import Columns
from engagement_cli.timeline.block import Block, Piece, Run, packed, unpacked

RANDOM = np.random.default_rng(17)
BUCKETS = 3
NO_NUMBERS, NO_THINGS = np.full(3, -(2**63)), np.array([1, 2, 3], dtype=np.uint64)
NOTHING = np.array([2**63, 0], dtype=np.uint64)


def piece(rows: int, times: tuple[int, int], unit: int, kinds: int, identified: bool) -> Piece:
    numbers, things = RANDOM.integers(-9, 9, rows), RANDOM.integers(4, 2**63, rows).astype(np.uint64)
    columns = Columns(
        RANDOM.integers(0, 2**63, rows).astype(np.uint64),
        RANDOM.integers(*times, rows) * unit,
        RANDOM.integers(0, kinds, rows).astype(np.uint32),
        RANDOM.integers(0, 2**63, rows).astype(np.uint64) if identified else None,
    )
    fates = RANDOM.choice([0, 0, 0, 1], rows).astype(np.uint8)
    columns.time[fates == 1] = -(2**63)
    values = [
        (np.where(RANDOM.random(rows) < 0.2, numbers, -(2**63)), NO_NUMBERS),
        (np.where(RANDOM.random(rows) < 0.2, things, np.uint64(2)), NO_THINGS),
    ]
    return Piece(columns, fates, RANDOM.integers(0, BUCKETS, rows).astype(np.uint16), values)


def block_of(pieces: list[Piece]) -> Block:
    buckets = np.concatenate([p.bucket[p.fates == 0] for p in pieces])
    return packed(pieces, np.bincount(buckets, minlength=BUCKETS))


def run_of(block: Block, bucket: int) -> Run:
    return block.index.run(bucket, block.data[block.index.span(bucket)])


def rows_of(pieces: list[Piece], bucket: int, *, valued: bool) -> list[tuple[int, ...]]:
    """What the bucket should have, row by row."""
    found: list[tuple[int, ...]] = []
    for p in pieces:
        number, thing = p.values[0][0], np.where(p.values[1][0] == 2, 0, p.values[1][0])
        mine = (p.fates == 0) & (p.bucket == bucket)
        if valued:
            mine &= (number != -(2**63)) | (thing != 0)
        columns = [*p.rows.arrays(), *((number, thing) if valued else ())]
        found += zip(*(column[mine].tolist() for column in columns), strict=True)
    return found


@pytest.mark.parametrize("identified", [False, True])
@pytest.mark.parametrize(
    ("times", "unit", "width"), [((0, 200), 1000, 1), ((-(2**30), 2**30), 10**9, 4), ((-(2**61), 2**61), 1, 8)]
)
@pytest.mark.parametrize("kinds", [5, 300, 2**31])
def test_what_is_packed_comes_back(identified: bool, times: tuple[int, int], unit: int, width: int, kinds: int) -> None:
    batches = [[piece(rows, times, unit, kinds, identified) for rows in sizes] for sizes in ((400, 1, 90), (200,))]
    blocks = [block_of(pieces) for pieces in batches]
    assert blocks[0].index.form.time_width == width
    for bucket in range(BUCKETS):
        rows, valued = unpacked([run_of(block, bucket) for block in blocks], NOTHING, identified=identified)
        assert [column.dtype for column in rows] == [np.uint64, np.int64, np.uint32, np.uint64][: len(rows)]
        valued[-2] = valued[-2].view(np.int64)
        for columns, with_value in ((rows, False), (valued, True)):
            expected = [row for pieces in batches for row in rows_of(pieces, bucket, valued=with_value)]
            assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected


def test_no_rows_are_no_bytes_and_come_back() -> None:
    lost = piece(5, (0, 9), 1, 3, identified=False)
    lost.fates[:] = 1
    block = packed([lost], np.zeros(BUCKETS, np.int64))
    assert len(block.data) == 0
    rows, valued = unpacked([run_of(block, 0)], NOTHING, identified=False)
    assert [len(column) for column in (*rows, *valued)] == [0] * 8
