"""Messages between processes: what goes in at one end comes out at the other, with the files that it refers to."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pickle import PicklingError
from typing import Any

import numpy as np
import polars as pl
import pytest

from engagement_cli.engines.crew.channel import Channel, Courier, Wrote, letter
from engagement_cli.native.reading import span
from engagement_cli.native.records import Columns
from engagement_cli.timeline.block import Batch, packed, unpacked
from engagement_cli.timeline.cache.writer import Writer
from engagement_cli.timeline.spill import MemoryFile, SpillFile
from engagement_cli.timeline.store import BlockStore


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    here, there = map(Channel, socket.socketpair())
    yield here, there
    here.close()
    there.close()


def passed(ends: tuple[Channel, Channel], message: object) -> Any:
    with ThreadPoolExecutor(1) as pool:  # a pipe holds little
        sent = pool.submit(ends[0].send, message)
        found = ends[1].receive()
        sent.result()
    return found


def test_large_arrays_and_tables_arrive_as_they_were(ends: tuple[Channel, Channel]) -> None:
    large = np.arange(3_000_000, dtype=np.uint64)
    table = pl.DataFrame({"a": [1, None], "b": ["x", None], "c": [[1.5], []]})
    found = passed(ends, {"large": large, "part": large[::2], "none": large[:0], "table": table, "text": "é" * 99_999})
    assert (found["large"] == large).all()
    assert (found["part"] == large[::2]).all()
    assert found["none"].dtype == np.uint64
    assert len(found["none"]) == 0
    assert found["table"].equals(table)
    assert found["text"] == "é" * 99_999
    found["large"][0] = 7  # it may be written to, and is nobody else's
    assert large[0] == 0


def test_any_number_of_files_goes_along(ends: tuple[Channel, Channel], tmp_path: Path) -> None:
    files = [SpillFile(tmp_path) for _ in range(300)]
    for i, file in enumerate(files):
        file.write([memoryview(bytes([i % 256] * 3))])
    found = passed(ends, [*files, files[7]])
    assert [file.part(slice(0, 3)).tolist() for file in found] == [[i % 256] * 3 for i in [*range(300), 7]]
    assert found[7] is found[-1]
    for file in (*files, *found):
        file.close()


def test_messages_keep_their_order_and_modules_are_the_same_ones(ends: tuple[Channel, Channel]) -> None:
    for message in (None, json, [os.path, json], np.random):
        ends[0].send(message)
    assert [ends[1].receive() for _ in range(4)] == [None, json, [os.path, json], np.random]


def rows(start: int) -> Batch:
    number = np.arange(start, start + 30)
    columns = Columns(number.astype(np.uint64), -number, number.astype(np.uint32))
    fates = np.zeros(30, np.uint8)
    return Batch([columns], fates, np.repeat([0, 1, 2], 10).astype(np.uint16), span(columns.time, fates), [])


@pytest.mark.parametrize("allowed", [None, 0, 500], ids=["in memory", "in a file", "in both"])
def test_a_shared_store_is_read_at_the_other_end(
    allowed: int | None, ends: tuple[Channel, Channel], tmp_path: Path
) -> None:
    store = BlockStore(3, allowed, tmp_path, shared=True)
    for start in (0, 100, 200):
        store.append(packed(rows(start), np.array([10, 10, 10])))
    found, again = passed(ends, [store, store])
    assert found is again
    store.close()  # what was sent stays
    for bucket in range(3):
        (_, _, kinds), _ = unpacked(found.take(bucket), identified=False)
        expected = [start + 10 * bucket + i for start in (0, 100, 200) for i in range(10)]
        assert sorted(kinds.tolist()) == expected
    found.close()


def test_each_file_goes_along_once_as_what_it_is(ends: tuple[Channel, Channel], tmp_path: Path) -> None:
    files = [SpillFile(tmp_path), MemoryFile(), SpillFile(tmp_path)]
    for number, file in enumerate(files):
        file.write([memoryview(bytes([number]) * 5)])
    found = passed(ends, [*files, files[0]])
    assert [type(file) for file in found] == [SpillFile, MemoryFile, SpillFile, SpillFile]
    assert [file.part(slice(1, 3)).tolist() for file in found] == [[0, 0], [1, 1], [2, 2], [0, 0]]
    assert found[3] is found[0]
    for file in (*files, *found):
        file.close()


def test_a_writer_stays_and_is_known_by_its_number(ends: tuple[Channel, Channel], tmp_path: Path) -> None:
    writers, known = [Writer(tmp_path / name, 1000) for name in "ab"], list[Writer]()
    writers[1].put(4, {"rows": b"here"}, 1)
    found = passed(ends, letter(writers, known))
    assert all(isinstance(each, Courier) for each in found)
    assert [list(each.buckets) for each in found] == [[], [4]]
    ends[1].send(Wrote(found[1].writer, 5, {"rows": b"there"}, 2))
    wrote = ends[0].receive()
    assert known[wrote.writer] is writers[1]
    found[0].discard()
    assert (tmp_path / "a").exists()
    with pytest.raises(PicklingError):
        ends[0].send(writers)
    for writer in writers:
        writer.discard()


def test_a_letter_may_be_sent_more_than_once(ends: tuple[Channel, Channel], tmp_path: Path) -> None:
    file = SpillFile(tmp_path)
    file.write([memoryview(b"there")])
    written = letter([np.arange(5), file])
    for _ in range(2):
        numbers, found = passed(ends, written)
        assert numbers.tolist() == [0, 1, 2, 3, 4]
        assert bytes(found.part(slice(0, 5))) == b"there"
        found.close()
    file.close()


def test_the_end_of_the_other_end_is_noticed(ends: tuple[Channel, Channel]) -> None:
    ends[0].send("the last")
    ends[0].close()
    assert ends[1].receive() == "the last"
    with pytest.raises(EOFError):
        ends[1].receive()
    with pytest.raises(BrokenPipeError):
        ends[1].send("anybody?")


def test_a_message_that_breaks_off_is_no_message() -> None:
    here, there = socket.socketpair()
    channel = Channel(there)
    files, buffers, length = 0, 0, 100
    here.sendall(b"".join(number.to_bytes(8, "little") for number in (files, buffers, length)) + b"too little")
    here.close()
    with pytest.raises(EOFError):
        channel.receive()
    channel.close()
