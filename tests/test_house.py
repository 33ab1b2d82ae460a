"""The house itself: lint, formatting, types, import contracts, what start-up imports, what is documented."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from engagement_cli.metrics.registry import METRIC_TYPES

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = ("What", "Formula", "Reads", "Parameters", "Example", "Source")
HEAVY = {"polars", "numpy", "pydantic", "yaml", "scipy", "sklearn", "duckdb", "pyarrow"}


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["importlinter.cli"],
    ],
    ids=["lint", "format", "types", "import contracts"],
)
def test_the_code_passes(command: list[str]) -> None:
    if command[0] == "importlinter.cli":
        run = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    else:
        run = [sys.executable, "-m", *command]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from engagement_cli import app; sys.argv = ['engagement', '--help']\n"
    code += "try:\n    app.program()(prog_name='engagement')\nexcept SystemExit:\n    pass\n"
    code += "print('\\n' + ' '.join(m for m in sys.modules if '.' not in m))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "report" in done.stdout
    assert not HEAVY & set(done.stdout.splitlines()[-1].split())


def test_every_metric_type_is_one_registered_file() -> None:
    files = {file.stem for file in (ROOT / "engagement_cli" / "metrics").glob("*.py")}
    assert files - {"__init__", "protocol", "registry"} == set(METRIC_TYPES)


@pytest.mark.parametrize("name", sorted(METRIC_TYPES))
def test_every_metric_type_is_documented_under_the_same_headings(name: str) -> None:
    module = importlib.import_module(f"engagement_cli.metrics.{name}")
    found = re.findall(r"^(\w+):", module.__doc__ or "", flags=re.MULTILINE)
    assert tuple(h for h in found if h in HEADINGS) == HEADINGS
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_nothing_is_silenced_or_left_undone() -> None:
    marks = re.compile(r"TODO|FIXME|XXX:|NotImplementedError|mark\.(skip|xfail)|pytest\.skip\(|# type: ignore|# noqa")
    files = [*(ROOT / "engagement_cli").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files
        if file != Path(__file__).resolve()
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []
