from __future__ import annotations

from pathlib import Path

import pytest

from engagement_cli.sources.badcells import BadCell


def test_a_file_in_the_working_folder_is_named_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cell = BadCell(tmp_path / "exports" / "events.csv", 392, "occurred_at", "2025-13-41", "no timestamp")
    assert str(cell) == "exports/events.csv:392 (occurred_at is '2025-13-41')"


def test_a_file_elsewhere_is_named_by_its_last_two_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cell = BadCell(Path("/a/long/way/from/sample_data/events.csv"), 2, "user_id", None, "empty")
    assert str(cell) == "…/sample_data/events.csv:2 (user_id is empty)"
    assert str(BadCell(Path("/data/events.csv"), 2, "id", None, "empty")) == "/data/events.csv:2 (id is empty)"


def test_a_long_cell_is_shortened() -> None:
    cell = BadCell(Path("events.csv"), 2, "value", "x" * 500, "no number")
    assert str(cell) == f"events.csv:2 (value is '{'x' * 39}…')"
