"""Buckets of rows in memory and on disk: what goes in comes out, once, and leaves nothing behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engagement_cli.errors import UserError
from engagement_cli.timeline.store import DiskStore, MemoryStore, Store

DTYPES: Sequence[np.dtype[np.generic]] = [np.dtype(np.uint64), np.dtype(np.int64), np.dtype(np.uint32)]
MAKERS: dict[str, Callable[[Path], Store]] = {
    "memory": lambda folder: MemoryStore(3, DTYPES),
    "disk": lambda folder: DiskStore(3, DTYPES, folder),
}


def rows(start: int, count: int) -> list[np.ndarray[tuple[int], np.dtype[np.generic]]]:
    numbers = np.arange(start, start + count)
    return [numbers.astype(np.uint64) + np.uint64(1 << 63), -numbers.astype(np.int64), numbers.astype(np.uint32)]


@pytest.mark.parametrize("kind", MAKERS)
def test_a_bucket_gives_back_its_rows_once(kind: str, tmp_path: Path) -> None:
    store = MAKERS[kind](tmp_path)
    for bucket, start, count in ((0, 0, 3), (2, 10, 2), (0, 3, 4)):
        store.append(bucket, rows(start, count))
    for found, expected in zip(store.take(0), rows(0, 7), strict=True):
        assert found.dtype == expected.dtype
        assert found.tolist() == expected.tolist()
    assert [len(column) for column in store.take(0)] == [0, 0, 0]
    assert [(len(column), column.dtype) for column in store.take(1)] == [(0, dtype) for dtype in DTYPES]
    assert store.take(2)[1].tolist() == [-10, -11]
    store.close()


@pytest.mark.parametrize("kind", MAKERS)
def test_columns_stay_beside_each_other_when_several_threads_append(kind: str, tmp_path: Path) -> None:
    store = MAKERS[kind](tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: store.append(1, rows(100 * i, 37)), range(40)))
    large, negative, small = store.take(1)
    assert sorted(small.tolist()) == sorted(100 * i + k for i in range(40) for k in range(37))
    assert (negative.astype(np.int64) == -small.astype(np.int64)).all()
    assert (large.astype(np.uint64) - np.uint64(1 << 63) == small.astype(np.uint64)).all()
    store.close()


def test_nothing_is_left_on_disk(tmp_path: Path) -> None:
    store = DiskStore(3, DTYPES, tmp_path)
    store.append(0, rows(0, 5))
    assert list(tmp_path.rglob("*.0"))
    store.close()
    assert list(tmp_path.iterdir()) == []
    store.close()


def test_a_disk_that_takes_no_more_is_a_clear_error(tmp_path: Path) -> None:
    store = DiskStore(3, DTYPES, tmp_path)
    for folder in tmp_path.iterdir():
        shutil.rmtree(folder)
    with pytest.raises(UserError, match="cannot write temporary files") as error:
        store.append(0, rows(0, 5))
    assert "TMPDIR" in str(error.value.problems[0].hint)
