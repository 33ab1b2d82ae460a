from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.commands import Ran, run

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file of the test's own folder, which is the working folder."""
    monkeypatch.chdir(tmp_path)

    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


class Report:
    """The findings of one call of `check`, by code."""

    def __init__(self, ran: Ran) -> None:
        self.ran = ran
        self.code = ran.code
        self.json: Any = ran.json
        self.findings: list[dict[str, Any]] = self.json["rows"]

    def of(self, code: str) -> list[dict[str, Any]]:
        return [f for f in self.findings if f["code"] == code]

    def one(self, code: str) -> dict[str, Any]:
        (finding,) = self.of(code)
        return finding


@pytest.fixture
def checked() -> Callable[..., Report]:
    def _checked(*arguments: object) -> Report:
        return Report(run("check", "--format", "json", *arguments))

    return _checked


@pytest.fixture
def sample_waterfalls() -> tuple[dict[str, Any], dict[str, Any]]:
    """The events' waterfall of the shipped sample, by `check` and by a view."""
    mine = run("check", "--sample", "--format", "json").json["waterfall"]
    theirs = run("sessions", "--sample", "--format", "json").json["waterfall"]
    names = ("read", "unparseable", "excluded", "duplicate", "used", "without_customer")
    return {n: mine[n] for n in names}, {n: theirs[n] for n in names}
