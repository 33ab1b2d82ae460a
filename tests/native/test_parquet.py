"""What Parquet files say of themselves, beside pyarrow; and that nonsense is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagement_cli.native.parquet import Column, OtherParquetError, filled, footer, pages, read, texts, to_ticks

RANDOM = np.random.default_rng(7)
PHYSICAL = {"INT32": 1, "INT64": 2, "FLOAT": 4, "DOUBLE": 5, "BYTE_ARRAY": 6}


def written(file: Path, **options: object) -> bytes:
    table = pa.table(
        {
            "text": pa.array([None if i % 7 == 0 else f"t{i % 40}" for i in range(1000)]),
            "time": pa.array(range(1000), pa.timestamp("us")),
            "whole": pa.array(range(1000), pa.int32()),
            "ratio": pa.array([i / 8 for i in range(1000)], pa.float32()),
        },
        schema=pa.schema(
            [
                pa.field("text", pa.string()),
                pa.field("time", pa.timestamp("us"), nullable=False),
                pa.field("whole", pa.int32()),
                pa.field("ratio", pa.float32()),
            ]
        ),
    )
    pq.write_table(table, file, **options)
    return file.read_bytes()


def end_of(content: bytes) -> np.ndarray:
    length = int.from_bytes(content[-8:-4], "little")
    return np.frombuffer(content, np.uint8)[-8 - length : -8]


@pytest.mark.parametrize("group", [1, 90, 1000])
def test_a_footer_says_what_pyarrow_reads_in_it(group: int, tmp_path: Path) -> None:
    content = written(tmp_path / "e.parquet", row_group_size=group)
    expected, found = pq.read_metadata(tmp_path / "e.parquet"), footer(end_of(content), 4)
    assert found.rows.tolist() == [expected.row_group(i).num_rows for i in range(expected.num_row_groups)]
    for column in range(4):
        physical, repetition, at, size, unit = found.columns[column].tolist()
        described = expected.schema.column(column)
        assert end_of(content)[at : at + size].tobytes().decode() == described.name
        assert (physical, repetition) == (PHYSICAL[described.physical_type], described.max_definition_level)
        assert unit == (2 if described.name == "time" else -1)
        for i in range(expected.num_row_groups):
            chunk = expected.row_group(i).column(column)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            _, _, values, first, bytes_of = found.chunks[i, column].tolist()
            assert (values, first, bytes_of) == (chunk.num_values, start, chunk.total_compressed_size)


def test_nested_columns_and_nonsense_are_no_footer(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [[1]], "b": [{"c": 1}]}), tmp_path / "e.parquet")
    end = end_of((tmp_path / "e.parquet").read_bytes())
    for columns in (1, 2, 3):
        with pytest.raises(OtherParquetError):
            footer(end, columns)
    end = end_of(written(tmp_path / "e.parquet"))
    for part in (end[:0], end[:50], end[: len(end) // 2], RANDOM.integers(0, 256, 500, np.uint8)):
        with pytest.raises(OtherParquetError):
            footer(np.ascontiguousarray(part), 4)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_pages_have_all_values_and_lie_one_behind_another(version: str, tmp_path: Path) -> None:
    content = written(tmp_path / "e.parquet", data_page_version=version, data_page_size=64, write_batch_size=32)
    chunks = footer(end_of(content), 4).chunks[0]
    data = np.frombuffer(content, np.uint8)
    listed = pages(data, [[first, size, values] for _, _, values, first, size in chunks.tolist()])
    for column, (_, _, values, first, size) in enumerate(chunks.tolist()):
        mine = [page for page in listed if page[-1] == column]
        assert sum(page[4] for page in mine if page[0] != 2) == values
        assert first < mine[0][1]
        assert mine[-1][1] + mine[-1][2] == first + size
        for wrong in (values + 1, values - 1):
            with pytest.raises(OtherParquetError):
                pages(data, [[first, size, wrong]])


def bits(flags: list[int]) -> bytes:
    """Levels, bit by bit, in one run."""
    groups = -(-len(flags) // 8)
    return bytes([groups << 1 | 1]) + np.packbits(flags, bitorder="little").tobytes()


def held(data: bytes) -> np.ndarray:
    return np.frombuffer(data + bytes(8), np.uint8)


def at(data: np.ndarray) -> list[int]:
    return [data.ctypes.data, len(data) - 8]


@pytest.mark.parametrize("rows", [1, 8, 63, 64, 65, 200])
def test_codes_and_levels_are_read_however_they_lie(rows: int) -> None:
    there = RANDOM.integers(0, 2, rows).tolist()
    levels = held(bits(there) if rows < 500 else b"")
    assert filled([0, rows, 1, *at(levels), 0, 0], optional=True) == sum(there)
    table = RANDOM.integers(0, 2**63, 5).astype(np.uint64)
    codes = RANDOM.integers(0, 5, sum(there)).tolist()
    each = np.array([[code >> bit & 1 for bit in range(3)] for code in codes], np.uint8).reshape(-1)
    padded = np.concatenate([each, np.zeros(-len(each) % 24, np.uint8)])
    packed = held(b"\x03" + bytes([len(padded) // 24 << 1 | 1]) + np.packbits(padded, bitorder="little").tobytes())
    page = [0, rows, 1, *at(levels), *at(packed)]
    words, rows_of = np.empty(2 * rows, np.uint64), np.empty(2 * rows, np.uint32)
    (found,) = read([Column(0, True, [page], table, words, rows=rows_of)], 0, rows, 0)
    assert rows_of[:found].tolist() == np.flatnonzero(there).tolist()
    assert words[:found].tolist() == table[codes].tolist()
    read([Column(0, True, [page], table, words, nothing=-1)], 0, rows, 0)
    values = iter(table[codes].tolist())
    assert words[:rows].tolist() == [next(values) if one else 2**64 - 1 for one in there]


RUNS = {b"\x02\x14\x02": [7] * 10, b"\x00\x14": [5] * 10, b"\x02\x08\x01\x0c\x00": [6] * 4 + [5] * 6}
NO_RUNS = (
    b"",
    b"\x02",
    b"\x02\x14",
    b"\x02\x14\x03",
    b"\x21\x14\x00",
    b"\x02\x12\x01",
    b"\x02\x05\xff",
    b"\x02\x00\x01",
)


@pytest.mark.parametrize("data", [*RUNS, *NO_RUNS])
def test_runs_of_one_value_are_read_and_codes_beyond_the_table_noticed(data: bytes) -> None:
    table, words, codes = np.array([5, 6, 7], np.uint64), np.empty(20, np.uint64), held(data)
    column = Column(0, False, [[0, 10, 1, 0, 0, *at(codes)]], table, words)
    if data in RUNS:
        read([column], 0, 10, 0)
        assert words[:10].tolist() == RUNS[data]
    else:
        with pytest.raises(OtherParquetError):
            read([column], 0, 10, 0)


def test_texts_fill_their_bytes_to_the_last() -> None:
    data = held(b"\x01\x00\x00\x00a\x00\x00\x00\x00\x03\x00\x00\x00b\xc3\xa9")
    assert texts([[*at(data), 3], [*at(data), 3]]).to_list() == ["a", "", "bé"] * 2
    assert texts([]).to_list() == []
    for wrong in ([data.ctypes.data, len(data) - 8, 2], [data.ctypes.data, len(data) - 9, 3], [*at(data), 4]):
        with pytest.raises(OtherParquetError):
            texts([wrong])
    latin = held(b"\x01\x00\x00\x00\xe9")
    with pytest.raises(OtherParquetError):
        texts([[*at(latin), 1]])


def test_numbers_become_ticks_where_they_are_in_range_and_nothing_is_left() -> None:
    numbers, fates = np.array([-3000, -2000, 0, 999, 1000, 5000]), np.empty(6, np.uint8)
    to_ticks(numbers, (-2000, 5000), 1, 1000, -1, fates)
    assert numbers.tolist() == [-1, -2, 0, -1, 1, -1]
    assert fates.tolist() == [1, 0, 0, 1, 0, 1]
