from __future__ import annotations

from pathlib import Path

import pytest
from support.generated import Export, read_export

from engagement_cli.samples.generator import generate


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Five thousand customers over eight months."""
    folder: Path = tmp_path_factory.mktemp("behaviour") / "x"
    generate(folder, customers=5000, days=245, seed=2, file_format="parquet")
    return read_export(folder)
