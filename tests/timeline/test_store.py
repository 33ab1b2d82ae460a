"""Blocks of rows in memory and in a file: what goes in comes out, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from engagement_cli.errors import UserError
from engagement_cli.native.reading import span
from engagement_cli.native.records import Columns
from engagement_cli.timeline import spill
from engagement_cli.timeline.block import Batch, Block, packed, unpacked
from engagement_cli.timeline.store import BlockStore

BUCKETS = 3
MAKERS: dict[str, Callable[[Path], BlockStore]] = {
    "memory": lambda folder: BlockStore(BUCKETS),
    "file": lambda folder: BlockStore(BUCKETS, 0, folder),
    "both": lambda folder: BlockStore(BUCKETS, 100, folder),
}
if sys.platform == "linux":
    MAKERS["shared memory"] = lambda folder: BlockStore(BUCKETS, shared=True)
    MAKERS["shared memory and a file"] = lambda folder: BlockStore(BUCKETS, 100, folder, shared=True)


def block(start: int, counts: Sequence[int]) -> Block:
    """Rows of which each bucket has so many; kinds count them, from a start on."""
    bucket = np.repeat(np.arange(len(counts)), counts).astype(np.uint16)
    number = np.arange(start, start + len(bucket))
    rows = Columns(number.astype(np.uint64) + np.uint64(1 << 63), -number, number.astype(np.uint32))
    fates = np.zeros(len(bucket), np.uint8)
    return packed(Batch([rows], fates, bucket, span(rows.time, fates), []), np.array(counts))


def taken(store: BlockStore, bucket: int, *, keep: bool = False) -> list[int]:
    """A bucket's kinds in rising order."""
    (large, negative, small), _ = unpacked(store.take(bucket, keep=keep), identified=False)
    assert (negative.astype(np.int64) == -small.astype(np.int64)).all()
    assert (large.astype(np.uint64) - np.uint64(1 << 63) == small.astype(np.uint64)).all()
    return sorted(small.tolist())


@pytest.mark.parametrize("kind", MAKERS)
def test_a_bucket_gives_back_its_rows(kind: str, tmp_path: Path) -> None:
    store = MAKERS[kind](tmp_path)
    for start, counts in ((0, [3, 0, 0]), (10, [0, 0, 2]), (0, [0, 0, 0]), (3, [4, 0, 1])):
        store.append(block(start, counts))
    for keep in (True, False):
        assert taken(store, 0, keep=keep) == [0, 1, 2, 3, 4, 5, 6]
        assert taken(store, 1, keep=keep) == []
        assert taken(store, 2, keep=keep) == [7, 10, 11]
    store.close()


@pytest.mark.parametrize("kind", MAKERS)
def test_columns_stay_beside_each_other_when_several_threads_append(kind: str, tmp_path: Path) -> None:
    store = MAKERS[kind](tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda i: store.append(block(100 * i, [37, 23, 0])), range(40)))
    for bucket, within in ((0, range(37)), (1, range(37, 60)), (2, range(0))):
        assert taken(store, bucket) == [100 * i + k for i in range(40) for k in within]
    store.close()


def test_rows_in_memory_are_forgotten_once_all_buckets_were_taken() -> None:
    store = BlockStore(BUCKETS)
    store.append(kept := block(0, [5, 5, 5]))
    alive = weakref.ref(kept)
    del kept
    for bucket in range(BUCKETS):
        assert alive() is not None
        store.take(bucket)
    assert alive() is None


def test_few_rows_need_no_file(tmp_path: Path) -> None:
    few = block(0, [50, 0, 0])
    store = BlockStore(BUCKETS, len(few.data), tmp_path / "nowhere")
    store.append(few)
    assert not store.spilled
    assert store.waiting_bytes == len(few.data)
    with pytest.raises(UserError, match="cannot make a temporary file: No such file or directory"):
        store.append(block(0, [1, 0, 0]))
    store.close()


def test_what_is_written_has_no_name(tmp_path: Path) -> None:
    store = BlockStore(BUCKETS, 0, tmp_path)
    store.append(block(0, [5, 0, 0]))
    assert store.spilled
    assert list(tmp_path.iterdir()) == []
    store.close()
    store.close()


FULL = """
import resource
from engagement_cli.errors import UserError
from engagement_cli.timeline.spill import SpillFile
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = SpillFile()
try:
    for _ in range(100):
        file.write([memoryview(bytes(800))])
except UserError as error:
    print(error.problems[0].what, error.problems[0].hint)
file.close()
"""


def test_a_disk_that_takes_no_more_is_a_clear_error(tmp_path: Path) -> None:
    done = child(FULL, tmp_path)
    assert done.communicate()[0].startswith("cannot write temporary files: File too large")
    assert done.returncode == 0


KILLED = """
import time
from engagement_cli.timeline.spill import SpillFile
file = SpillFile()
file.write([memoryview(bytes(800_000))])
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
