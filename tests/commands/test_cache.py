"""`--cache`, `cache list` and `cache clear` as they are typed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.commands import run

from engagement_cli.commands import keeping
from engagement_cli.commands.keeping import user_cache
from engagement_cli.samples.shipped import shipped_sample


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def stickiness(*more: object) -> str:
    ran = run("stickiness", "--sample", "--active", "login", "--every", "week", "--format", "json", *more)
    assert ran.code == 0
    assert not ran.err.startswith("error")
    return ran.out


def listed(cache: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = run("cache", "list", "--cache", cache, "--format", "json").json["rows"]
    return rows


def test_what_a_view_kept_is_listed_used_and_cleared(cache: Path) -> None:
    first = stickiness("--cache", cache)
    row = listed(cache)[0]
    assert row["exports"] == str(shipped_sample()["events"].resolve())
    assert (row["files"], row["events"]) == (1, 33_695)
    assert stickiness("--cache", cache) == first == stickiness("--no-cache")
    assert len(listed(cache)) == 1
    table = run("cache", "list", "--cache", cache).out
    assert "33,695" in table
    assert "1 kept, and 1 answer:" in table
    assert run("cache", "clear", "--cache", cache, "--older", "30d").out.startswith("removed 0")
    assert run("cache", "clear", "--cache", cache).out.startswith("removed 2")  # the rows, and the answer
    assert listed(cache) == []
    assert "0 kept, and 0 answers" in run("cache", "list", "--cache", cache).out
    assert stickiness("--cache", cache) == first


def test_what_cannot_be_removed_is_not_said_to_be(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("stickiness", "--sample", "--cache", cache)
    monkeypatch.setattr("shutil.rmtree", lambda *folder, **how: None)  # as in a folder that cannot be written to
    cleared = run("cache", "clear", "--cache", cache)
    assert cleared.out.startswith("removed 1,")  # the answer alone
    assert cleared.code == 2
    assert "1 of 2 could not be removed" in cleared.err


def test_what_was_not_used_for_long_is_cleared_alone(cache: Path) -> None:
    stickiness("--cache", cache)
    for manifest in cache.rglob("manifest"):
        os.utime(manifest, (1e9, 1e9))
    stickiness("--cache", cache, "--timezone", "Asia/Tokyo")
    assert run("cache", "clear", "--cache", cache, "--older", "30d").out.startswith("removed 1")
    assert len(listed(cache)) == 1


def test_small_exports_are_not_kept_unasked_and_large_ones_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = stickiness()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(keeping, "LEAST_ROWS", 10_000)
    stickiness("--no-cache")
    assert list(tmp_path.iterdir()) == []
    assert stickiness() == first
    assert [row["events"] for row in json.loads(run("cache", "list", "--format", "json").out)["rows"]] == [33_695]
    assert stickiness("--cache-by", "content") == first


def test_sizes_and_contradictions_are_told(cache: Path) -> None:
    ran = run("report", "--sample", "--cache", cache, "--no-cache")
    assert (ran.code, "contradict" in ran.err) == (2, True)
    ran = run("report", "--sample", "--cache", cache, "--cache-size", "much")
    assert (ran.code, "--cache-size" in ran.err) == (2, True)
    assert run("cache", "clear", "--cache", cache, "--older", "long").code == 2


def test_the_current_folder_is_no_cache() -> None:
    for folder in ("", "."):
        for command in (("stickiness", "--sample"), ("cache", "list"), ("cache", "clear")):
            ran = run(*command, "--cache", folder)
            assert ran.code == 2
            assert "a folder of its own" in ran.err


def test_the_size_may_stand_in_the_environment(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGAGEMENT_CACHE_SIZE", "1KB")
    stickiness("--cache", cache)
    assert listed(cache) == []


@pytest.mark.parametrize(("name", "folder"), [("linux", ".cache"), ("darwin", "Library/Caches")])
def test_the_default_folder_is_the_user_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, folder: str
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", name)
    assert user_cache() == tmp_path / folder / "engagement"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert user_cache() == tmp_path / "x" / "engagement"
