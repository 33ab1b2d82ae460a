"""Processes that measure give what threads give, to the byte, with and without what was kept."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest
from support.commands import run
from support.crewed import by_crew

COMMANDS = {
    "report": ("report", "--format", "json"),
    "report by segment": ("report", "--stage", "purchase", "--by", "band", "--format", "csv"),
    "customers": ("customers", "--format", "csv"),
    "segments": ("segments", "--format", "json"),
    "score": ("score", "--format", "csv"),
    "explain": ("explain", "monthly_active_customers", "--format", "json"),
    "explain with ids": ("explain", "stickiness", "--ids", "--format", "csv"),
    "follow-up": ("nps", "--follow-up", "--format", "csv"),
    "board": ("board", "campaigns", "--format", "json"),
    "one customer": ("customer", "000001", "--format", "json"),
    "a predicate": ("retention", "day_1_retention", "--where", "country = 'DE'", "--format", "json"),
}
REPORT = COMMANDS["report"]


@pytest.fixture(autouse=True)
def same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Warnings name files as they are seen from where the call is made."""
    monkeypatch.chdir(tmp_path)


@cache
def by_threads(*arguments: str) -> str:
    ran = run(*arguments, "--sample", "--no-cache", "--quiet")
    assert ran.code == 0
    return ran.out


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_the_same(name: str, tmp_path: Path) -> None:
    assert by_crew(tmp_path, *COMMANDS[name], "--sample", "--no-cache").out == by_threads(*COMMANDS[name])


def test_a_file_is_the_same_and_so_are_the_warnings(tmp_path: Path) -> None:
    out = tmp_path / "there.csv"
    ran = by_crew(tmp_path, "customers", "--sample", "--no-cache", "--out", out)
    assert out.read_text() == by_threads(*COMMANDS["customers"])
    assert ran.out == ""
    assert ran.err == run("customers", "--sample", "--no-cache").err


def test_rows_that_wait_on_the_disk_are_read_by_the_crew(tmp_path: Path) -> None:
    spilling = "from engagement_cli.timeline import store\n"
    spilling += "def refused(self, *given): raise AssertionError\n"
    spilling += "store.MemoryFile.write = refused\n"
    spilling += "sizing._MOST_KEPT, sizing._MOST_WAITING = 0, 0\n"
    ran = by_crew(tmp_path, *REPORT, "--sample", "--no-cache", "--memory", "400MB", changed=spilling)
    assert ran.out == by_threads(*REPORT)
    assert list((tmp_path / "temporary").iterdir()) == []


UNREAD = """
from engagement_cli.engines import local
def refused(*given): raise AssertionError("it is read")
local.event_batches = refused
"""


def kept(folder: Path, changed: str = "", *more: object) -> str:
    """A report with the cache, of rows alone: answers are forgotten."""
    shutil.rmtree(folder / "cache" / "answers-1", ignore_errors=True)
    ran = by_crew(folder, *REPORT, "--sample", "--cache", folder / "cache", *more, changed=changed)
    assert "cache" not in ran.err
    return ran.out


def test_what_the_crew_kept_serves_crew_and_threads(tmp_path: Path) -> None:
    assert kept(tmp_path) == by_threads(*REPORT)
    assert kept(tmp_path, UNREAD) == by_threads(*REPORT)
    (data,) = (tmp_path / "cache").rglob("data")
    size, written = data.stat().st_size, data.read_bytes()
    shutil.rmtree(tmp_path / "cache" / "answers-1")
    assert run(*REPORT, "--sample", "--cache", tmp_path / "cache").out == by_threads(*REPORT)
    assert (data.stat().st_size, data.read_bytes()) == (size, written)


def test_what_threads_kept_serves_the_crew(tmp_path: Path) -> None:
    run(*REPORT, "--sample", "--cache", tmp_path / "cache")
    assert kept(tmp_path, UNREAD) == by_threads(*REPORT)


def test_damage_that_a_worker_notices_is_removed_and_changes_nothing(tmp_path: Path) -> None:
    kept(tmp_path)
    (data,) = (tmp_path / "cache").rglob("data")
    content = bytearray(data.read_bytes())
    content[len(content) // 3] ^= 1
    data.write_bytes(content)
    assert kept(tmp_path) == by_threads(*REPORT)
    assert kept(tmp_path, UNREAD) == by_threads(*REPORT)


def test_what_does_not_fit_is_not_kept(tmp_path: Path) -> None:
    assert kept(tmp_path, "", "--cache-size", "200kB") == by_threads(*REPORT)
    assert list((tmp_path / "cache").rglob("data")) == []
