from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from support.commands import run

from engagement_cli.checks.finding import CODES

EVENTS = "user_id,event,timestamp\na,login,2025-01-01T10:00:00Z\n,login,2025-01-02T10:00:00Z\n"


@pytest.fixture
def events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    return path


def test_the_sample_has_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = run("check", "--sample", "--format", "json")
    assert ran.code == 0
    assert {f["severity"] for f in ran.json["rows"]} == {"warning", "info"}
    assert ran.json["as_of"] is not None
    assert set(ran.json["waterfall"]["sources"]) == {"surveys", "subscriptions", "customers", "audience"}
    assert run("check", "--sample", "--strict").code == 3


def test_a_table_keeps_every_word_at_any_width(events: Path) -> None:
    full = run("check", "--events", events, "--format", "json").json["rows"]
    lines = run("check", "--events", events).out.splitlines()
    shown = " ".join(" ".join(lines).split())
    assert max(len(line) for line in lines) <= 80
    for finding in full:
        for part in ("what", "hint"):
            assert finding[part] in shown


def test_csv_holds_one_row_a_finding(events: Path) -> None:
    ran = run("check", "--events", events, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert list(rows[0]) == ["severity", "code", "what", "where", "hint"]
    assert [row["code"] for row in rows] == ["no_customer"]


def test_a_file_receives_the_findings_even_where_one_is_an_error(events: Path, tmp_path: Path) -> None:
    events.write_text("user_id,event,timestamp\na,login\n")
    ran = run("check", "--events", events, "-o", tmp_path / "findings.csv")
    assert (ran.code, ran.out) == (3, "")
    assert "structure" in (tmp_path / "findings.csv").read_text()


def test_without_anything_to_check_it_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("check")
    assert ran.code == 2
    assert "--sample" in ran.err


@pytest.mark.parametrize("option", ["--timezone", "--week-start"])
def test_a_mistaken_option_is_a_mistake_of_usage(events: Path, option: str) -> None:
    ran = run("check", "--events", events, option, "nowhere")
    assert ran.code == 2
    assert option in ran.err


def test_the_zone_of_the_command_line_moves_the_last_day(events: Path) -> None:
    events.write_text("user_id,event,timestamp\na,login,2025-01-01T10:00:00Z\na,login,2025-01-02T23:30:00Z\n")
    ran = run("check", "--events", events, "--timezone", "Asia/Tokyo", "--format", "json")
    assert ran.json["as_of"] == "2025-01-03"


def test_every_documented_code_is_in_use() -> None:
    package = Path(__file__).parents[2] / "engagement_cli"
    files = [*(package / "checks").glob("*.py"), package / "commands" / "check.py"]
    text = "".join(file.read_text() for file in files).replace('\n    "', "")  # without the list of codes itself
    assert [code for code in CODES if f'"{code}"' not in text] == []
