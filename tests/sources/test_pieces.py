"""Exports in pieces: every row once, whatever the size of a piece; what cannot be cut stays whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from engagement_cli.records import replace
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Exports, Overrides, in_pieces, open_exports, scan_events


def events(start: int, count: int) -> pl.DataFrame:
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    numbers = range(start, start + count)
    return pl.DataFrame(
        {
            "user_id": [f"u{n}" for n in numbers],
            "event_name": "visit",
            "occurred_at": [begin + timedelta(minutes=n) for n in numbers],
        }
    )


def opened(*files: Path) -> Exports:
    return open_exports(Settings(), None, Overrides(paths={"events": tuple(map(str, files))}))


def customers(exports: Exports) -> list[str]:
    return scan_events(exports).select("customer").collect()["customer"].to_list()


@pytest.mark.parametrize("rows", [7, 30, 64, 1000])
def test_pieces_have_every_row_once_and_no_more_than_asked(rows: int, tmp_path: Path) -> None:
    sizes = (50, 3, 0, 20, 64)
    for i, size in enumerate(sizes):
        events(sum(sizes[:i]), size).write_parquet(tmp_path / f"{i}.parquet", row_group_size=5)
    exports = opened(*(tmp_path / f"{i}.parquet" for i in range(5)))
    pieces = in_pieces(exports, "events", rows)
    assert pieces is not None
    found = [customers(piece) for piece in pieces]
    assert sorted(name for names in found for name in names) == sorted(customers(exports))
    assert all(len(names) <= rows for names in found)
    if rows == 1000:
        assert len(found) == 1


def test_large_pieces_begin_where_groups_of_most_writers_do(tmp_path: Path) -> None:
    events(0, 10).write_parquet(tmp_path / "e.parquet")
    exports = opened(tmp_path / "e.parquet")
    export = exports.sources["events"]
    large = replace(export, headers=(replace(export.headers[0], rows=1_100_000, footer=100_000),))
    pieces = in_pieces(replace(exports, sources={"events": large}), "events", 1 << 19)
    assert pieces is not None
    found = [piece.sources["events"].headers[0].only for piece in pieces]
    assert found == [(0, 393_216), (393_216, 393_216), (786_432, 313_568)]


def test_csv_and_files_of_one_huge_row_group_are_not_cut(tmp_path: Path) -> None:
    events(0, 50).write_csv(tmp_path / "e.csv")
    assert in_pieces(opened(tmp_path / "e.csv"), "events", 10) is None
    events(0, 50_000).write_parquet(tmp_path / "e.parquet", row_group_size=50_000)
    exports = opened(tmp_path / "e.parquet")
    assert in_pieces(exports, "events", 10) is None
    assert len(in_pieces(exports, "events", 20_000) or ()) == 3
