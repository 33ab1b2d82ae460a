"""Buckets of rows in memory and in a file: what goes in comes out, once, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engagement_cli.errors import UserError
from engagement_cli.timeline import spill
from engagement_cli.timeline.store import Array, BucketStore

DTYPES: Sequence[np.dtype[np.generic]] = [np.dtype(np.uint64), np.dtype(np.int64), np.dtype(np.uint32)]
MAKERS: dict[str, Callable[[Path], BucketStore]] = {
    "memory": lambda folder: BucketStore(3, DTYPES),
    "file": lambda folder: BucketStore(3, DTYPES, 0, folder),
    "both": lambda folder: BucketStore(3, DTYPES, 100, folder),
}


def rows(start: int, count: int) -> list[Array]:
    numbers = np.arange(start, start + count)
    return [numbers.astype(np.uint64) + np.uint64(1 << 63), -numbers.astype(np.int64), numbers.astype(np.uint32)]


@pytest.mark.parametrize("kind", MAKERS)
def test_a_bucket_gives_back_its_rows_once(kind: str, tmp_path: Path) -> None:
    store = MAKERS[kind](tmp_path)
    for bucket, start, count in ((0, 0, 3), (2, 10, 2), (0, 0, 0), (0, 3, 4)):
        store.append(bucket, rows(start, count))
    assert store.rows(0) == 7
    for keep in (True, False):
        for found, expected in zip(store.take(0, keep=keep), rows(0, 7), strict=True):
            assert found.dtype == expected.dtype
            assert sorted(found.tolist()) == sorted(expected.tolist())
    assert [len(column) for column in store.take(0)] == [0, 0, 0]
    assert [(len(column), column.dtype) for column in store.take(1)] == [(0, dtype) for dtype in DTYPES]
    assert store.take(2)[1].tolist() == [-10, -11]
    store.close()


@pytest.mark.parametrize("kind", MAKERS)
def test_columns_stay_beside_each_other_when_several_threads_append(kind: str, tmp_path: Path) -> None:
    store = MAKERS[kind](tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: store.append(i % 2, rows(100 * i, 37)), range(40)))
    for bucket in (0, 1):
        large, negative, small = store.take(bucket)
        assert sorted(small.tolist()) == sorted(100 * i + k for i in range(bucket, 40, 2) for k in range(37))
        assert (negative.astype(np.int64) == -small.astype(np.int64)).all()
        assert (large.astype(np.uint64) - np.uint64(1 << 63) == small.astype(np.uint64)).all()
    store.close()


def test_few_rows_need_no_file(tmp_path: Path) -> None:
    store = BucketStore(3, DTYPES, 1000, tmp_path / "nowhere")
    store.append(0, rows(0, 50))
    assert not store.spilled
    assert store.waiting_bytes == 1000
    with pytest.raises(UserError, match="cannot make a temporary file: No such file or directory"):
        store.append(0, rows(0, 1))
    store.close()


def test_what_is_written_has_no_name(tmp_path: Path) -> None:
    store = BucketStore(3, DTYPES, 0, tmp_path)
    store.append(0, rows(0, 5))
    assert store.spilled
    assert list(tmp_path.iterdir()) == []
    store.close()
    store.close()


FULL = """
import resource, sys, numpy as np
from engagement_cli.errors import UserError
from engagement_cli.timeline.store import BucketStore
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
store = BucketStore(1, [np.dtype(np.int64)], 0)
try:
    for _ in range(100):
        store.append(0, [np.arange(100)])
except UserError as error:
    print(error.problems[0].what, error.problems[0].hint)
store.close()
"""


def test_a_disk_that_takes_no_more_is_a_clear_error(tmp_path: Path) -> None:
    done = child(FULL, tmp_path)
    assert done.communicate()[0].startswith("cannot write temporary files: File too large")
    assert done.returncode == 0


KILLED = """
import time, numpy as np
from engagement_cli.timeline.store import BucketStore
store = BucketStore(1, [np.dtype(np.int64)], 0)
store.append(0, [np.arange(100_000)])
print("written", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("sent", ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"])
def test_nothing_is_left_where_the_process_dies(sent: str, tmp_path: Path) -> None:
    dying = child(KILLED, tmp_path)
    assert dying.stdout is not None
    assert dying.stdout.readline() == "written\n"
    dying.send_signal(getattr(signal, sent))
    dying.communicate()
    assert dying.returncode != 0
    assert list(tmp_path.iterdir()) == []


def child(code: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment, cwd=folder
    )


def test_a_disk_that_is_surely_too_small_is_told_beforehand(tmp_path: Path) -> None:
    spill.refuse_small_disk(1000, tmp_path)
    with pytest.raises(UserError, match=r"temporary files would take about 1e\+06TB; ") as error:
        spill.refuse_small_disk(10**18, tmp_path)
    assert error.value.problems[0].where == str(tmp_path)
    assert "TMPDIR" in str(error.value.problems[0].hint)


@pytest.mark.parametrize(
    ("mounts", "named", "expected"),
    [
        ("disk / ext4\n", False, "/tmp"),
        ("disk / ext4\ntmpfs /tmp tmpfs rw\n", False, "/var/tmp"),
        ("disk / ext4\ntmpfs /tmp tmpfs rw\n", True, "/tmp"),
        ("tmpfs / tmpfs\n", False, "/tmp"),
    ],
)
def test_a_folder_in_memory_is_no_place_for_what_does_not_fit(
    mounts: str, named: bool, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mounts").write_text(mounts)
    monkeypatch.setattr(spill, "_MOUNTS", tmp_path / "mounts")
    monkeypatch.setattr(spill.tempfile, "gettempdir", lambda: "/tmp")
    monkeypatch.delenv("TMPDIR", raising=False)
    if named:
        monkeypatch.setenv("TMPDIR", "/tmp")
    assert spill.spill_folder() == Path(expected)
