"""Parquet files that say what cannot be, or hold what no row shows: they are left to a query, and nothing is raised."""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagement_cli.native.parquet import OtherParquetError, pages
from engagement_cli.records import replace
from engagement_cli.sources.exports import Exports, Wanted, page_plan, read_batch
from engagement_cli.sources.headers import Header
from engagement_cli.sources.parquet import events
from engagement_cli.sources.parquet.groups import Group
from engagement_cli.timeline.incoming import Incoming
from engagement_cli.timeline.needs import Demand

TIMES = [datetime(2025, 1, 1, tzinfo=UTC)] * 3
NUMBERS = Demand((), ("value",), (), ())
Open = Callable[..., Exports]


def written(file: Path, **columns: pa.Array) -> Path:
    times = pa.array(TIMES, pa.timestamp("us", "UTC"))
    table = {"user_id": pa.array(["a", "b", None]), "event_name": pa.array(["visit"] * 3), "occurred_at": times}
    pq.write_table(pa.table({**table, **columns}), file, store_schema=False)
    return file


def numbers_in(folder: Path, numbers: np.ndarray) -> Path:
    return written(folder / "e.parquet", value=pa.array(numbers))


def read(exports: Exports, demand: Demand = NUMBERS, header: Header | None = None) -> Incoming:
    wanted = Wanted(predicates={f"p{i}": sql for i, sql in enumerate(demand.predicates)}, floats=demand.numbers)
    plan = page_plan(exports, demand, wanted, 1_000_000)
    assert plan is not None
    return read_batch(plan, exports.sources["events"].headers if header is None else [header])


@pytest.mark.parametrize(("place", "values"), [(3, 1), (8, 2**61 - 1)])  # bytes unpacked, values
def test_no_page_is_larger_than_the_format_allows(place: int, values: int) -> None:
    page = [b"\x15", b"\x00", b"\x15", b"\x00", b"\x15", b"\x00", b"\x2c", b"\x15", b"\x02"]
    rest = b"\x15\x10\x15\x06\x15\x06\x00\x00"
    listed = pages(np.frombuffer(b"".join(page) + rest, np.uint8), [[0, 17, 1]])
    assert [row[4] for row in listed] == [1]
    page[place] = b"\xfe" + b"\xff" * 7 + b"\x3f"
    content = b"".join(page) + rest
    with pytest.raises(OtherParquetError):
        pages(np.frombuffer(content, np.uint8), [[0, len(content), values]])


def test_a_footer_that_is_longer_than_its_file_takes_no_memory(tmp_path: Path, opened: Open) -> None:
    exports = opened(events=numbers_in(tmp_path, np.ones(3)))
    header = exports.sources["events"].headers[0]
    tracemalloc.start()
    try:
        with pytest.raises(OSError, match="Invalid"):
            read(exports, header=replace(header, footer=2**28))
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_row_groups_of_more_rows_than_can_be_are_left_to_a_query(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = opened(events=numbers_in(tmp_path, np.ones(3)))
    header = replace(exports.sources["events"].headers[0], only=(0, 3))
    monkeypatch.setattr(events, "groups_of", lambda *_: [Group(2**62, {})])
    with pytest.raises(OtherParquetError):
        read(exports, header=header)
    monkeypatch.setattr(events, "groups_of", lambda *_: [Group(3, {})])
    monkeypatch.setattr(np, "empty", _no_room)
    with pytest.raises(OtherParquetError):
        read(exports, header=header)


def _no_room(*_: object) -> None:
    raise MemoryError


def test_texts_that_no_row_has_disturb_no_predicate(tmp_path: Path, opened: Open) -> None:
    codes = pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int32()), pa.array(["1", "2", "unused"]))
    exports = opened(events=written(tmp_path / "e.parquet", feature=codes))
    assert read(exports, Demand(("feature = '1'",), (), (), ())).pieces[0].marked.flags[0].to_list() == [1, 0, 0]
    with pytest.raises(OtherParquetError):
        read(exports, Demand(("CAST(feature AS INTEGER) = 1",), (), (), ()))


def test_numbers_of_any_bits_are_read_without_a_warning(tmp_path: Path, opened: Open) -> None:
    numbers = np.array([0x7FA00000, 0x3F800000, 0x7FC00001], np.uint32).view(np.float32)
    exports = opened(events=numbers_in(tmp_path, numbers))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        batch = read(exports)
    assert batch.fates.tolist() == [1, 0, 1]
    assert [str(number) for number in batch.numbers[0][1]] == ["nan", "1.0", "nan"]
