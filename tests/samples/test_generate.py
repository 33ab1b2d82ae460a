"""The public entry: the same bytes for the same arguments, whole or not at all, and mistakes named."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engagement_cli.errors import UserError
from engagement_cli.samples import generator
from engagement_cli.samples.event_frame import FileFormat, event_columns
from engagement_cli.samples.generator import generate
from engagement_cli.samples.sectors.saas import SAAS


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_same_arguments_same_bytes_in_another_process_with_other_threads_and_hashes(
    tmp_path: Path, file_format: FileFormat
) -> None:
    generate(tmp_path / "here", customers=120, days=60, seed=7, file_format=file_format)
    code = (
        "import sys, pathlib; from engagement_cli.samples.generator import generate;"
        "generate(pathlib.Path(sys.argv[1]), customers=120, days=60, seed=7, file_format=sys.argv[2])"
    )
    environment = os.environ | {
        "POLARS_MAX_THREADS": "1",
        "PYTHONHASHSEED": "99",
        "LC_ALL": "C",
        "TZ": "Asia/Tokyo",
        "PYTHONPATH": str(Path(generator.__file__).parents[2]),
    }
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "there"), file_format], check=True, env=environment)
    assert contents(tmp_path / "here") == contents(tmp_path / "there")


def test_another_seed_gives_other_events(tmp_path: Path) -> None:
    one, two = (generate(tmp_path / str(seed), customers=50, days=30, seed=seed) for seed in (1, 2))
    assert [path.name for path in one] == [path.name for path in two]
    assert contents(tmp_path / "1")["events.csv"] != contents(tmp_path / "2")["events.csv"]


def test_csv_and_parquet_hold_the_same_rows(tmp_path: Path) -> None:
    generate(tmp_path / "text", customers=80, days=90, file_format="csv")
    generate(tmp_path / "binary", customers=80, days=90, file_format="parquet")
    text = pl.read_csv(tmp_path / "text" / "events.csv", infer_schema=False)
    binary = pl.read_parquet(tmp_path / "binary" / "events.parquet")
    assert tuple(text.columns) == tuple(binary.columns) == event_columns(SAAS)
    times = text["occurred_at"].str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms", time_zone="UTC", strict=False)
    assert times.equals(binary["occurred_at"])
    others = [column for column in event_columns(SAAS) if column != "occurred_at"]
    assert text.select(others).equals(binary.select(others).cast(pl.String))


def test_the_span_is_half_open_and_ends_where_told(tmp_path: Path) -> None:
    generate(tmp_path / "x", customers=60, days=20, end=date(2024, 3, 11), file_format="parquet")
    times = pl.read_parquet(tmp_path / "x" / "events.parquet")["occurred_at"].drop_nulls().dt.date()
    assert times.min() == date(2024, 2, 20)
    assert times.max() == date(2024, 3, 10)


@pytest.mark.parametrize(("customers", "days"), [(1, 1), (1, 3), (2, 9), (30, 8)])
def test_the_smallest_exports_have_every_file(tmp_path: Path, customers: int, days: int) -> None:
    names = [path.name for path in generate(tmp_path / "x", customers=customers, days=days)]
    assert names == [
        "audience.csv",
        "customers.csv",
        "events.csv",
        "identities.csv",
        "subscriptions.csv",
        "surveys.csv",
    ]
    assert pl.read_csv(tmp_path / "x" / "customers.csv").height == customers
    assert pl.read_csv(tmp_path / "x" / "audience.csv").height == 2 * days


def test_an_unknown_sector_is_named_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        generate(tmp_path / "x", sector="sass")
    assert "'sass'" in caught.value.problems[0].what
    assert caught.value.problems[0].hint == "did you mean 'saas'?"
    assert not (tmp_path / "x").exists()


def test_all_impossible_numbers_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        generate(tmp_path / "x", customers=0, days=-1, seed=-5)
    assert [problem.where for problem in caught.value.problems] == ["--customers", "--days", "--seed"]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep")
    with pytest.raises(UserError, match="not empty"):
        generate(mine, customers=5, days=5)
    assert contents(tmp_path) == {"mine/notes.txt": b"keep"}


def test_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("keep")
    with pytest.raises(UserError, match="a file of that name"):
        generate(tmp_path / "x", customers=5, days=5)
    assert contents(tmp_path) == {"x": b"keep"}


def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert len(generate(tmp_path / "empty", customers=5, days=5)) == 6
    assert len(generate(tmp_path / "a" / "b", customers=5, days=5)) == 6


def test_a_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(*_: object) -> pl.DataFrame:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(generator, "audience_frame", full_disk)
    with pytest.raises(UserError, match="No space left"):
        generate(tmp_path / "x", customers=5, days=5)
    assert list(tmp_path.iterdir()) == []
