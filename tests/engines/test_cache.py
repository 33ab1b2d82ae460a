"""Reports are the same to the byte with what earlier ones kept, whatever has happened to it or to the exports."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.kept_reports import FEW, SETTINGS, Shop
from support.whole_report import EVERY_TYPE

from engagement_cli.engines import local
from engagement_cli.engines.plan import Limits
from engagement_cli.pipeline import Question, ask
from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.timeline.cache.terms import Terms


@pytest.fixture
def files_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[list[str]]]:
    """The names of the events files of every reading."""
    seen: list[list[str]] = []
    read = local.event_batches

    def watched(plan: Any, *others: Any) -> Any:
        seen.append([file.stem for file in plan.exports.sources["events"].files])
        return read(plan, *others)

    monkeypatch.setattr(local, "event_batches", watched)
    return iter([seen])


@pytest.mark.parametrize("dedupe", ["none", "id", "row"])
def test_days_added_one_by_one_are_the_only_files_read(
    tmp_path: Path, files_read: Iterator[list[list[str]]], dedupe: str
) -> None:
    shop, read = Shop(tmp_path, 1, dedupe), next(files_read)
    for day in range(4):
        shop.write(day)
    first = shop.kept()
    assert read == [["00", "01", "02", "03"]]
    assert first == shop.report()
    read.clear()
    assert shop.kept() == first
    assert read == []
    for day in range(4, 6):
        read.clear()
        shop.write(day)
        whole = shop.kept()
        assert read == [[f"{day:02}"]]
        assert whole == shop.report()
        read.clear()
        assert shop.kept(limits=Limits(buckets=7)) == whole
        assert read == []
    assert not shop.told


@pytest.mark.parametrize("dedupe", ["none", "id"])
def test_many_days_become_few_segments(tmp_path: Path, dedupe: str) -> None:
    shop = Shop(tmp_path, 2, dedupe)
    shop.days = [part[at : at + 17] for part in shop.days for at in range(0, part.height, 17)]
    for day in range(14):
        shop.write(day)
        assert shop.kept(entries=FEW) == shop.report(entries=FEW)
        assert len(shop.segments()) <= 9
    assert sum(kept.manifest.rows for kept in shop.segments()) > 100
    files = [file.path for kept in shop.segments() for file in kept.manifest.files]
    assert len(files) == len(set(files)) == 14
    assert shop.kept() == shop.report()


@pytest.mark.parametrize("dedupe", ["none", "row", "id"])
def test_less_can_be_asked_of_what_was_kept_where_that_changes_no_row(
    tmp_path: Path, files_read: Iterator[list[list[str]]], dedupe: str
) -> None:
    shop, read = Shop(tmp_path, 3, dedupe), next(files_read)
    for day in range(3):
        shop.write(day)
    shop.kept()
    read.clear()
    few = shop.kept(entries=FEW)
    assert read == ([["00", "01", "02"]] if dedupe == "id" else [])  # which of two duplicates counts may depend on it
    assert few == shop.report(entries=FEW)
    shop.write(3)
    read.clear()
    few = shop.kept(entries=FEW)
    assert read == [["03"]]
    assert few == shop.report(entries=FEW)
    read.clear()
    more = {**FEW, "b": {"type": "aggregate", "count": "events", "where": "channel = 'web'"}}
    assert shop.kept(entries=more) == shop.report(entries=more)
    assert read[0] == ["00", "01", "02", "03"]


def test_cells_that_only_some_metrics_read_are_bad_for_these_alone(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 4, "none")
    for day in range(8):
        rows = shop.days[day].with_columns(pl.col("value").cast(pl.String))
        if day == 2:
            rows = rows.with_columns(value=pl.when(pl.int_range(pl.len()) == 3).then(pl.lit("?")).otherwise("value"))
        rows.write_csv(shop.folder / "events" / f"{day}.csv")
    sums = {"sum": EVERY_TYPE["sum"]}
    counts = {"count": {"type": "aggregate", "count": "events"}}
    assert shop.kept(entries=sums) == shop.report(entries=sums)
    found = shop.kept(entries=counts)
    assert found == shop.report(entries=counts)
    assert b'"unparseable":0' in found.replace(b" ", b"")
    assert shop.kept(entries=sums) == shop.report(entries=sums)


@pytest.mark.parametrize(
    "change",
    [{"exclude": {"web": {"where": "channel = 'web'"}}}, {"timezone": "America/New_York"}],
    ids=["exclusions", "zone"],
)
def test_what_is_read_in_another_way_is_read_anew(
    tmp_path: Path, files_read: Iterator[list[list[str]]], change: dict[str, Any]
) -> None:
    shop, read = Shop(tmp_path, 5, "none"), next(files_read)
    shop.write(0)
    shop.write(1)
    shop.kept(entries=FEW)
    other = shop.kept(entries=FEW, settings=change)
    assert read == [["00", "01"]] * 2
    assert other == shop.report(entries=FEW, settings=change)
    assert shop.kept(entries=FEW) == shop.report(entries=FEW)


def test_files_that_changed_are_read_anew_and_files_that_went_do_not_count(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 6, "none")
    for day in range(3):
        shop.write(day)
    shop.kept(entries=FEW)
    shop.write(1, shop.days[5])
    assert shop.kept(entries=FEW) == shop.report(entries=FEW)
    (shop.folder / "events" / "00.parquet").unlink()
    assert shop.kept(entries=FEW) == shop.report(entries=FEW)
    shop.write(7)
    assert shop.kept(entries=FEW) == shop.report(entries=FEW)


def test_by_content_files_may_move_and_be_touched_and_be_there_twice(
    tmp_path: Path, files_read: Iterator[list[list[str]]]
) -> None:
    shop, read = Shop(tmp_path, 7, "none"), next(files_read)
    shop.write(0)
    shop.write(1)
    by_content = shop.terms(by="content")
    first = shop.report(terms=by_content, entries=FEW)
    events = shop.folder / "events"
    (events / "00.parquet").rename(events / "09.parquet")
    os.utime(events / "01.parquet")
    read.clear()
    assert shop.report(terms=by_content, entries=FEW) == first
    assert read == []
    (events / "10.parquet").write_bytes((events / "09.parquet").read_bytes())
    twice = shop.report(terms=by_content, entries=FEW)
    assert read == [["10"]]
    assert twice == shop.report(entries=FEW)
    shop.write(1, shop.days[4])
    assert shop.report(terms=by_content, entries=FEW) == shop.report(entries=FEW)


def test_a_file_that_grows_while_it_is_read_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path, 8, "none")
    shop.write(0)
    read = local.spread

    def growing(*given: Any, **more: Any) -> Any:
        found = read(*given, **more)
        os.utime(shop.folder / "events" / "00.parquet")
        return found

    monkeypatch.setattr(local, "spread", growing)
    assert shop.kept(entries=FEW) == shop.report(entries=FEW)
    assert shop.segments() == []
    assert list(shop.cache.rglob("data")) == []


def test_small_exports_are_not_kept(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 9, "none")
    shop.write(0)
    assert shop.report(terms=shop.terms(least_rows=51), entries=FEW) == shop.report(entries=FEW)
    assert not shop.cache.exists()
    shop.report(terms=shop.terms(least_rows=50), entries=FEW)
    assert len(shop.segments()) == 1


def test_ids_are_kept_for_those_who_ask_for_them(tmp_path: Path, files_read: Iterator[list[list[str]]]) -> None:
    shop, read = Shop(tmp_path, 10, "none"), next(files_read)
    shop.write(0)
    shop.kept(entries=FEW)
    settings = Settings.model_validate({**SETTINGS, "sources": {"events": {"path": "events"}}})
    exports = open_exports(settings, None, Overrides(paths={"events": (str(shop.folder / "events"),)}))

    def ids(terms: Terms | None) -> list[str]:
        question = Question(
            settings=settings, exports=exports, metrics={}, keep_ids=True, table=lambda there: ["score"], cache=terms
        )
        profiles = ask(question).merged.profiles
        assert profiles is not None
        return sorted(profiles["customer"].to_list())

    assert ids(shop.terms()) == ids(None)
    read.clear()
    assert ids(shop.terms()) == shop.days[0]["customer"].drop_nulls().unique().sort().to_list()
    assert read == []
