"""Values as cells beside the columns that they come from."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native import values

RANDOM = np.random.default_rng(13)
NOTHING = np.array([0, 2**63, 7], dtype=np.uint64)


def cells_of(columns: np.ndarray) -> np.ndarray:
    """The cells of rows that are all in one bucket, column by column."""
    rows = columns.shape[1]
    bucket, place = np.zeros(rows, np.uint16), np.arange(rows, dtype=np.uint32)
    listed = [
        np.flatnonzero(column != nothing).astype(np.uint32) for column, nothing in zip(columns, NOTHING, strict=True)
    ]
    cells = np.empty(sum(map(len, listed)) * values.CELL, np.uint8)
    starts, seen = np.zeros(1, np.int64), np.zeros(1, np.int64)
    for number, (column, which) in enumerate(zip(columns, listed, strict=True)):
        values.put(column[which], number, which, bucket, place, starts, seen, cells)
    assert seen.tolist() == [len(cells) // values.CELL]
    return cells


@pytest.mark.parametrize("lengths", [[], [0], [40], [30, 0, 25]])
def test_cells_of_several_runs_give_the_rows_that_have_any(lengths: list[int]) -> None:
    given = []
    for rows in lengths:
        columns = RANDOM.integers(0, 2**64, (3, rows), dtype=np.uint64)
        given.append(np.where(RANDOM.random((3, rows)) < 0.3, columns, NOTHING[:, None]))
    before = [0, *np.cumsum(lengths).tolist()]
    runs = [(start, cells_of(columns)) for start, columns in zip(before, given, strict=False)]
    order = RANDOM.permutation(before[-1]).astype(np.uint32)
    listed, found = values.dense(runs, order, NOTHING)
    whole = np.concatenate([np.empty((3, 0), np.uint64), *given], axis=1)[:, order]
    expected = np.flatnonzero((whole != NOTHING[:, None]).any(axis=0))
    assert listed.tolist() == expected.tolist()
    assert [column.tolist() for column in found] == whole[:, expected].tolist()


def test_cells_go_behind_those_that_their_bucket_has() -> None:
    value, rows = np.array([11, 13, 15], dtype=np.uint64), np.array([1, 3, 5], dtype=np.uint32)
    bucket = np.array([0, 1, 0, 0, 0, 1], dtype=np.uint16)
    starts, seen = np.array([0, 3 * values.CELL]), np.array([2, 0])
    cells = np.zeros(5 * values.CELL, np.uint8)
    values.put(value, 300, rows, bucket, np.arange(10, 16, dtype=np.uint32), starts, seen, cells)
    found = cells.view(np.dtype([("place", "<u4"), ("column", "<u2"), ("value", "<i8")]))
    assert found.tolist()[2:] == [(13, 300, 13), (11, 300, 11), (15, 300, 15)]
    assert seen.tolist() == [3, 2]
