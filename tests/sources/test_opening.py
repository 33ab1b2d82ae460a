"""What is read of a file before its rows are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engagement_cli.sources import opening
from engagement_cli.sources.exports import Exports


def parquet(path: Path, times: list[Any], dtype: pl.DataType) -> Path:
    rows = {"customer": ["u"] * len(times), "event": ["e"] * len(times), "timestamp": pl.Series(times, dtype=dtype)}
    pl.DataFrame(rows).write_parquet(path)
    return path


@pytest.mark.parametrize(
    ("times", "dtype", "sampled"),
    [
        ([date(2025, 1, 1)], pl.Date(), False),
        ([datetime(2025, 1, 1, tzinfo=UTC)], pl.Datetime("ms", "UTC"), False),
        ([datetime(2025, 1, 1)], pl.Datetime("us"), False),
        ([datetime(2025, 1, 1)], pl.Datetime("ns"), True),
        ([1_735_689_600], pl.Int64(), True),
        (["2025-01-01"], pl.String(), True),
    ],
)
def test_rows_are_sampled_where_the_type_of_a_time_leaves_open_how_it_is_read(
    times: list[Any], dtype: pl.DataType, sampled: bool, tmp_path: Path, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    sample = opening.sample
    monkeypatch.setattr(opening, "sample", lambda headers, names: asked.append(names) or sample(headers, names))
    exports: Exports = opened(events=parquet(tmp_path / "e.parquet", times, dtype))
    assert asked == [["timestamp"]] * sampled
    assert exports.sources["events"].date_only == (dtype in (pl.Date, pl.String))
