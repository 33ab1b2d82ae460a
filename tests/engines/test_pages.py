"""Event rows from the pages of Parquet files are those that a query gives, whoever wrote the files, and however."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagement_cli.engines import inputs
from engagement_cli.engines.inputs import event_batches, wanted_of
from engagement_cli.engines.plan import Plan
from engagement_cli.errors import UserError
from engagement_cli.records import replace
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Exports, Overrides, PagePlan, open_exports, page_plan, read_batch
from engagement_cli.timeline.hashing import no_text
from engagement_cli.timeline.incoming import Incoming, Layout
from engagement_cli.timeline.needs import Demand

SECOND = 1_000_000
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
PREDICATES = ("customer IS NOT NULL", "feature = 'search'", "channel LIKE '%b'", "feature IS NULL")
DEMAND = Demand(PREDICATES, ("seats", "value"), ("feature", "order"), ("channel", "feature"), keep_ids=True)
SETTINGS = Settings.model_validate(
    {"exclude": {"bots": {"where": "user_id LIKE '%7'"}, "tests": {"where": "channel = 'wéb'"}}}
)


def frame(rows: int, seed: int = 1) -> pl.DataFrame:
    """Cells of every kind: missing, empty and blank texts, long ones, times and numbers out of range."""
    random = np.random.default_rng(seed)

    def texts(choices: list[str | None]) -> pl.Series:
        return pl.Series([choices[i] for i in random.integers(0, len(choices), rows)], dtype=pl.String)

    times: list[datetime | None] = [
        BEGIN + timedelta(milliseconds=int(n)) for n in random.integers(0, 10**10, max(rows, 2))
    ]
    times[0], times[1] = None, datetime(1850, 1, 1, tzinfo=UTC)
    numbers = [None, None, 1.5, -2.25, float("nan"), float("inf"), 9.3e12, 0.0, -0.0]
    return pl.DataFrame(
        {
            "user_id": texts([None, "", " ", *(f"customer {i}" for i in range(200))]),
            "event_name": texts(["visit", "purchase", None, "", " ", "a" * 300]),
            "occurred_at": pl.Series(times[:rows], dtype=pl.Datetime("ms", "UTC")),
            "value": pl.Series([numbers[i] for i in random.integers(0, len(numbers), rows)], dtype=pl.Float64),
            "seats": pl.Series(random.integers(-5, 5, rows), dtype=pl.Int64),
            "order_id": pl.Series(
                [f"order {i}" if i % 3 else None for i in random.integers(0, 10**6, rows)], dtype=pl.String
            ),
            "feature": texts([None, None, "search", "", "export"]),
            "channel": texts(["wéb", "bob", "ios"]),
            "nothing": pl.Series([None] * rows, dtype=pl.String),
        }
    )


def opened(*files: Path, settings: Settings = SETTINGS) -> Exports:
    return open_exports(settings, None, Overrides(paths={"events": tuple(map(str, files))}))


def plan_for(exports: Exports, demand: Demand = DEMAND, ticks: int = SECOND) -> PagePlan | None:
    return page_plan(exports, demand, wanted_of(demand), ticks)


def from_pages(exports: Exports, demand: Demand = DEMAND) -> list[Incoming]:
    plan = plan_for(exports, demand)
    assert plan is not None
    return [read_batch(plan, exports.sources["events"].headers)]


def from_query(exports: Exports, demand: Demand, monkeypatch: pytest.MonkeyPatch) -> list[Incoming]:
    with monkeypatch.context() as patch:
        patch.setattr(inputs, "page_plan", lambda *_: None)
        return [*event_batches(Plan(exports, SETTINGS, asks={}, segments={}), Layout(demand, dedupe=False), SECOND)]


def told(batches: list[Incoming]) -> dict[str, list[Any]]:
    """All that batches say, in the rows' order."""
    columns: dict[str, list[Any]] = {}
    for batch in batches:
        columns.setdefault("fates", []).extend(batch.fates.tolist())
        for piece, which in batch.in_turn():
            kept = np.flatnonzero(batch.fates[which] == 0)
            columns.setdefault("time", []).extend(piece.time.tolist())
            columns.setdefault("customer", []).extend(piece.marked.customer.tolist())
            for name, values in (("text", piece.marked.texts), ("flag", piece.marked.flags)):
                for i, column in enumerate(values):
                    columns.setdefault(f"{name} {i}", []).extend(list(column))
            for i, texts in enumerate(piece.told(kept)):
                columns.setdefault(f"told {i}", []).extend(None if text in ("", " ") else text for text in texts)
        for i, (rows, numbers) in enumerate(batch.numbers):
            columns.setdefault(f"number {i}", []).extend(zip(rows.tolist(), map(repr, numbers.tolist()), strict=True))
        for i, thing in enumerate(batch.things):
            pairs = zip(thing.rows.tolist(), thing.hashes.tolist(), strict=True)
            columns.setdefault(f"thing {i}", []).extend(pair for pair in pairs if pair[1] not in no_text())
            assert len(thing.whole) == thing.all == len(batch)
        if batch.ids is not None:
            columns.setdefault("ids", []).extend(sorted(batch.ids.select("hash", "id").rows()))
    return columns


def by_polars(**options: Any) -> Callable[[pl.DataFrame, Path], None]:
    return lambda rows, file: rows.write_parquet(file, **options)


def by_arrow(unit: str = "ms", **options: Any) -> Callable[[pl.DataFrame, Path], None]:
    def write(rows: pl.DataFrame, file: Path) -> None:
        names = [name for name in rows.columns if name != "occurred_at"]
        table = (
            rows.select(names)
            .to_arrow()
            .cast(  # texts as other programs have them, not as views
                pa.schema([(n, pa.string() if rows.schema[n] == pl.String else t) for n, t in arrow_types(rows, names)])
            )
        )
        times = rows["occurred_at"].to_arrow().cast(pa.timestamp(unit, "UTC"))
        pq.write_table(table.append_column("occurred_at", times), file, **options)

    return write


def arrow_types(rows: pl.DataFrame, names: list[str]) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in rows.select(names).to_arrow().schema]


def by_duckdb(options: str) -> Callable[[pl.DataFrame, Path], None]:
    def write(rows: pl.DataFrame, file: Path) -> None:
        with duckdb.connect() as database:
            database.register("plain", rows.with_columns(pl.col("occurred_at").dt.replace_time_zone(None)))
            database.sql(f"COPY (FROM plain) TO '{file}' (FORMAT parquet {options})")

    return write


WRITERS = {
    "polars": by_polars(),
    **{
        f"polars {codec}": by_polars(compression=codec) for codec in ("uncompressed", "snappy", "gzip", "brotli", "lz4")
    },
    "polars small": by_polars(row_group_size=313, data_page_size=512),
    "arrow": by_arrow(),
    "arrow us": by_arrow("us"),
    "arrow ns": by_arrow("ns", coerce_timestamps=None, version="2.6"),
    "arrow as us": by_arrow("ns", coerce_timestamps="us", allow_truncated_timestamps=True),
    "arrow plain": by_arrow(use_dictionary=False, compression="none"),
    "arrow pages": by_arrow(data_page_size=100, row_group_size=700, write_batch_size=64),
    "arrow v2": by_arrow(data_page_version="2.0", data_page_size=1000),
    "arrow v2 plain": by_arrow(data_page_version="2.0", data_page_size=1000, use_dictionary=False),
    "arrow spilled": by_arrow(dictionary_pagesize_limit=500, data_page_size=400, write_batch_size=64),
    "duckdb": by_duckdb(""),
    "duckdb small": by_duckdb(", ROW_GROUP_SIZE 2048, COMPRESSION zstd"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_pages_give_what_a_query_gives(writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i, rows in enumerate((4000, 0, 1, 300)):
        WRITERS[writer](frame(rows, i), tmp_path / f"{i}.parquet")
    exports = opened(*(tmp_path / f"{i}.parquet" for i in range(4)))
    found = told(from_pages(exports))
    assert found == told(from_query(exports, DEMAND, monkeypatch))
    assert {*found["fates"]} == {0, 1, 2, 3}


@pytest.mark.parametrize("rows", [29, 100, 313, 700, 5000])
def test_any_rows_can_be_read_alone(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame(2000).write_parquet(tmp_path / "0.parquet", row_group_size=313, data_page_size=512)
    by_arrow(data_page_size=100, row_group_size=700, write_batch_size=64)(frame(1500), tmp_path / "1.parquet")
    exports = opened(tmp_path / "0.parquet", tmp_path / "1.parquet")
    layout, whole = Layout(DEMAND, dedupe=False), from_query(exports, DEMAND, monkeypatch)
    plan = plan_for(exports)
    assert plan is not None
    export, found = exports.sources["events"], []
    for header in export.headers:
        for start in range(0, header.rows or 0, rows):
            only = (start, min(rows, (header.rows or 0) - start))
            found.append(read_batch(plan, [replace(header, only=only)]))
    assert layout.has_values
    assert sum(map(len, found)) == 3500
    expected, parts = told(whole), told(found)
    for name in ("fates", "time", "customer", *(f"text {i}" for i in range(3)), *(f"flag {i}" for i in range(4))):
        assert parts[name] == expected[name], name
    for name in ("number 0", "number 1", "thing 0", "thing 1"):
        values = [value for _, value in parts[name]]
        assert values == [value for _, value in expected[name]], name


def test_numbers_of_every_width_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = frame(500)
    for i, dtype in enumerate((pl.Int32, pl.Int64, pl.Float32, pl.Float64)):
        whole.with_columns(pl.col("seats").cast(dtype)).write_parquet(tmp_path / f"{i}.parquet")
    for files in ([0, 1], [2, 3]):
        exports = opened(*(tmp_path / f"{i}.parquet" for i in files))
        assert told(from_pages(exports)) == told(from_query(exports, DEMAND, monkeypatch))


def test_required_columns_and_those_without_any_cell_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = frame(500).with_columns(pl.col("user_id", "event_name").fill_null("x"), pl.col("seats").fill_null(0))
    table = rows.to_arrow()
    fields = [field.with_nullable(field.name not in ("user_id", "event_name", "seats")) for field in table.schema]
    pq.write_table(table.cast(pa.schema(fields)), tmp_path / "e.parquet")
    demand = replace(DEMAND, things=("nothing", "user_id"), texts=("nothing", "event"))
    exports = opened(tmp_path / "e.parquet")
    assert told(from_pages(exports, demand)) == told(from_query(exports, demand, monkeypatch))


def test_encodings_that_are_not_read_here_are_left_to_a_query(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encodings = {"occurred_at": "DELTA_BINARY_PACKED", "user_id": "DELTA_BYTE_ARRAY"}
    by_arrow(use_dictionary=False, column_encoding=encodings)(frame(500), tmp_path / "e.parquet")
    exports = opened(tmp_path / "e.parquet")
    plan = plan_for(exports)
    assert plan is not None
    with pytest.raises(inputs.OtherParquetError):
        read_batch(plan, exports.sources["events"].headers)
    layout = Layout(DEMAND, dedupe=False)
    read = [*event_batches(Plan(exports, SETTINGS, asks={}, segments={}), layout, SECOND)]
    assert told(read) == told(from_query(exports, DEMAND, monkeypatch))


def test_a_damaged_file_gives_the_error_that_a_query_gives(tmp_path: Path) -> None:
    file = tmp_path / "e.parquet"
    frame(4000).write_parquet(file)
    exports = opened(file)
    content = bytearray(file.read_bytes())
    content[8:2000] = bytes(1992)
    file.write_bytes(content)
    with pytest.raises(UserError, match=r"e\.parquet|damaged"):
        [*event_batches(Plan(exports, SETTINGS, asks={}, segments={}), Layout(DEMAND, dedupe=False), SECOND)]


def test_only_what_is_asked_cell_by_cell_is_read_from_pages(tmp_path: Path) -> None:
    frame(50).write_parquet(tmp_path / "e.parquet")
    frame(50).write_csv(tmp_path / "e.csv")
    exports = opened(tmp_path / "e.parquet")
    assert plan_for(exports) is not None
    for others in (
        replace(DEMAND, predicates=("value > 1",)),
        replace(DEMAND, predicates=("feature = channel",)),
        replace(DEMAND, things=("seats",)),
        replace(DEMAND, numbers=("order",)),
    ):
        assert plan_for(exports, others) is None
    assert plan_for(exports, ticks=1000 * SECOND) is None
    assert plan_for(opened(tmp_path / "e.csv")) is None
    for sources in ({"dedupe": "row"}, {"columns": {"event": {"sql": "UPPER(event_name)"}}}):
        path = {"path": str(tmp_path / "e.parquet"), **sources}
        other = open_exports(Settings.model_validate({"sources": {"events": path}}), tmp_path)
        assert plan_for(other, replace(DEMAND, numbers=())) is None
    with pytest.raises(UserError, match="no column 'colour'"):
        plan_for(exports, replace(DEMAND, things=("colour",)))
