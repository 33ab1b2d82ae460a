from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

HEADER = "user_id,event,timestamp\n"
GOOD = HEADER + "a,login,2025-01-01T10:00:00Z\nb,login,2025-01-02T10:00:00Z\n"


def test_sound_exports_have_no_findings(write, checked) -> None:
    report = checked("--events", write("events.csv", GOOD))
    assert (report.code, report.findings) == (0, [])
    assert report.json["as_of"] == "2025-01-02"
    assert report.json["waterfall"]["used"] == 2


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (HEADER + "a,login\n", "events.csv:2"),
        (GOOD + "b,login,2025-01-02,extra\n", "events.csv:4"),
        (GOOD.encode() + "é,login,2025-01-02\n".encode("latin-1"), "events.csv:4"),
        (GOOD + 'b,"login,2025-01-02\n', "events.csv:4"),
    ],
    ids=["short row", "long row", "latin-1", "open quote"],
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_line(write, checked, content, line) -> None:
    report = checked("--events", write("events.csv", content))
    assert report.code == 3
    finding = report.one("structure")
    assert finding["severity"] == "error"
    assert finding["where"].endswith(line)


def test_every_broken_file_is_named_at_once(write, checked) -> None:
    write("e1.csv", HEADER + "a,login\n")
    write("e2.csv", HEADER + "a,login,2025-01-01,x\n")
    report = checked("--events", "e1.csv", "--events", "e2.csv", "--surveys", "missing.csv")
    places = " ".join(f"{f['what']} {f['where']}" for f in report.findings)
    assert report.code == 3
    assert "e1.csv:2" in places
    assert "e2.csv:2" in places
    assert "missing.csv" in places


def test_a_broken_source_does_not_hide_what_is_wrong_with_another(write, checked) -> None:
    surveys = write("surveys.csv", "user_id,survey,answered_at,score\na,nps,2025-01-01,11\nb,nps,2025-01-02,9\n")
    report = checked("--events", "missing.csv", "--surveys", surveys)
    assert report.code == 3
    assert report.one("out_of_scale")["where"].startswith("surveys.csv:2")


def test_a_cut_parquet_file_is_an_error(write, checked, tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    pl.DataFrame({"user_id": ["a"], "event": ["login"], "timestamp": ["2025-01-01"]}).write_parquet(whole)
    write("events.parquet", whole.read_bytes()[:-20])
    report = checked("--events", "events.parquet")
    assert report.code == 3
    assert "cut off" in report.one("structure")["what"]


def test_a_source_without_rows_is_empty(write, checked) -> None:
    report = checked("--events", write("events.csv", HEADER))
    assert report.code == 6
    assert report.one("empty")["severity"] == "error"


def test_unreadable_weighs_more_than_empty(write, checked) -> None:
    write("events.csv", HEADER)
    write("surveys.csv", "user_id,score\na\n")
    assert checked("--events", "events.csv", "--surveys", "surveys.csv").code == 3


def test_a_mapping_to_a_missing_column_is_a_mistake_of_usage(write, checked) -> None:
    report = checked("--events", write("events.csv", GOOD), "--map", "events.customer=userid")
    assert report.code == 2
    assert "user_id" in report.one("mapping")["hint"]


def test_every_mistake_of_a_configuration_is_a_finding(write, checked: Callable) -> None:
    write("engagement.yaml", "timezone: Europe/Pari\nweek_start: monady\n")
    report = checked()
    assert report.code == 2
    assert [f["where"].split()[0] for f in report.of("configuration")] == ["engagement.yaml:1", "engagement.yaml:2"]


def test_nothing_is_written_of_what_is_read(write, checked, tmp_path: Path) -> None:
    checked("--events", write("events.csv", GOOD))
    assert [p.name for p in tmp_path.iterdir()] == ["events.csv"]
