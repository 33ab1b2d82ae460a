"""A real Spark for the tests that are marked so, where the extra `spark` is installed; the crew where Linux is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from support.spark import connect_server

collect_ignore_glob = [] if sys.platform == "linux" else ["test_crew*.py"]  # elsewhere threads measure


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if find_spec("pyspark") is not None:
        return
    gone = [item for item in items if item.get_closest_marker("spark")]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]


@pytest.fixture(scope="session")
def connect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Spark Connect server."""
    with connect_server(tmp_path_factory.mktemp("spark") / "server.log") as address:
        yield address
