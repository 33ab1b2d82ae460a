"""What all tests share: the folder of real exports, and `pytest --renew-golden`.

Golden files: `pytest --renew-golden` writes them anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # that the machine is busy is no failure
settings.load_profile("untimed")


def real_data_folder() -> Path:
    """`ENGAGEMENT_REAL_DATA`, else `shared/data` beside the checkout."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    return Path(os.environ.get("ENGAGEMENT_REAL_DATA") or beside)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew-golden", action="store_true", help="write tests/golden anew instead of comparing")


@pytest.fixture
def renew_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--renew-golden"))


@pytest.fixture
def real_data() -> Path:
    """The folder of real exports; tests that use it are deselected where it is absent."""
    return real_data_folder()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if real_data_folder().is_dir():
        return
    gone = [item for item in items if item.get_closest_marker("real_data")]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]
