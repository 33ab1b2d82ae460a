"""Blocks of customers: drawn apart, so that memory is bounded and any block can be made alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engagement_cli.samples import block as block_module
from engagement_cli.samples.block import BlockTables, draw_block
from engagement_cli.samples.calendar import Span
from engagement_cli.samples.event_frame import FileFormat
from engagement_cli.samples.generator import generate
from engagement_cli.samples.sector import Sector
from engagement_cli.samples.sectors.saas import SAAS

SPAN = Span(date(2025, 7, 1), 40)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Blocks of 100 customers; the sizes that were drawn are noted."""
    drawn: list[int] = []

    def noting(
        seed: int, number: int, customers: int, span: Span, sector: Sector, file_format: FileFormat
    ) -> BlockTables:
        drawn.append(customers)
        return draw_block(seed, number, customers, span, sector, file_format)

    monkeypatch.setattr("engagement_cli.samples.generator.BLOCK_CUSTOMERS", 100)
    monkeypatch.setattr(block_module, "BLOCK_CUSTOMERS", 100)
    monkeypatch.setattr("engagement_cli.samples.generator.draw_block", noting)
    return drawn


def test_a_longer_export_begins_with_the_same_blocks(tmp_path: Path, small_blocks: list[int]) -> None:
    generate(tmp_path / "short", customers=200, days=40)
    generate(tmp_path / "long", customers=350, days=40)
    for table in ("events.csv", "surveys.csv", "subscriptions.csv", "customers.csv", "identities.csv"):
        short, long = ((tmp_path / size / table).read_bytes() for size in ("short", "long"))
        assert len(long) > len(short)
        assert long.startswith(short)


def test_no_more_than_a_block_is_drawn_at_once(tmp_path: Path, small_blocks: list[int]) -> None:
    generate(tmp_path / "x", customers=250, days=40)
    assert small_blocks == [100, 100, 50]


def test_a_large_parquet_export_is_a_folder_of_parts(tmp_path: Path, small_blocks: list[int]) -> None:
    files = generate(tmp_path / "x", customers=250, days=40, file_format="parquet")
    parts = [path.name for path in files if path.parent.name == "events"]
    assert parts == ["part-0000.parquet", "part-0001.parquet", "part-0002.parquet"]
    whole = pl.read_parquet(tmp_path / "x" / "events")
    parted = sum(pl.read_parquet(path).height for path in files if path.parent.name == "events")
    assert whole.height == parted


def test_ids_never_collide_between_blocks(tmp_path: Path, small_blocks: list[int]) -> None:
    generate(tmp_path / "x", customers=300, days=40)
    read = {
        table: pl.read_csv(tmp_path / "x" / f"{table}.csv", infer_schema=False) for table in ("events", "customers")
    }
    assert read["customers"]["user_id"].is_unique().all()
    events = read["events"].unique()
    assert events["event_id"].is_unique().all()
    tickets = events.filter(pl.col("event_name") == "ticket_opened")["ticket_id"]
    assert tickets.len() > 0
    assert tickets.is_unique().all()
    aliases = pl.read_csv(tmp_path / "x" / "identities.csv", infer_schema=False)["alias"]
    assert aliases.is_unique().all()


def events_of(seed: int, number: int) -> pl.DataFrame:
    return pl.concat(draw_block(seed, number, 60, SPAN, SAAS, "csv").events)


def test_a_block_alone_is_the_block_in_the_row() -> None:
    alone = events_of(3, 5)
    events_of(3, 4)
    assert alone.equals(events_of(3, 5))


def test_blocks_differ_in_what_their_customers_do_not_only_in_ids() -> None:
    deeds = ["event_name", "occurred_at", "country", "device"]
    assert not events_of(3, 5).select(deeds).equals(events_of(3, 6).select(deeds))


def test_the_size_of_slices_does_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = events_of(3, 5)
    monkeypatch.setattr("engagement_cli.samples.event_frame._SLICE", 100)
    assert whole.height > 200
    assert events_of(3, 5).equals(whole)
