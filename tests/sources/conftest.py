from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engagement_cli.settings.model import Settings
from engagement_cli.sources.exports import Exports, Overrides, open_exports


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    """Write a small export under the test's folder."""

    def _write(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return _write


@pytest.fixture
def opened() -> Callable[..., Exports]:
    """Open exports as the command line does: `opened(events=path, maps=(...), timezone=...)`."""

    def _opened(maps: tuple[str, ...] = (), settings: dict[str, Any] | None = None, **paths: Path | str) -> Exports:
        overrides = Overrides({name: (str(path),) for name, path in paths.items()}, maps)
        return open_exports(Settings.model_validate(settings or {}), None, overrides)

    return _opened


@pytest.fixture
def real_data() -> Path:
    """The folder of real exports; tests that use it are deselected where it is absent."""
    beside = Path(__file__).parents[3] / "shared" / "data"
    return Path(os.environ.get("ENGAGEMENT_REAL_DATA", beside))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    beside = Path(__file__).parents[3] / "shared" / "data"
    if Path(os.environ.get("ENGAGEMENT_REAL_DATA", beside)).is_dir():
        return
    gone = [item for item in items if item.get_closest_marker("real_data")]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]
