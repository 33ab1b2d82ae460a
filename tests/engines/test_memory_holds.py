"""`--memory` holds: the process's peak stays below what is allowed and what the program itself takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from engagement_cli.samples.generator import generate

PROGRAM_ITSELF = 250 * 10**6  # interpreter, Polars, its threads

# VmHWM, since `getrusage` counts what the process was before it became this program.
REPORT = """
import sys
from pathlib import Path
from engagement_cli.app import main
sys.argv[0] = "engagement"
try:
    main()
except SystemExit as end:
    lines = Path("/proc/self/status").read_text().splitlines()
    print(end.code, next(line.split()[1] for line in lines if line.startswith("VmHWM:")))
"""


def report(folder: Path, *options: str, command: str = "report") -> tuple[int, int, str]:
    """Exit code, peak in bytes, what stderr says."""
    sources = ["--events", "events", "--surveys", "surveys.csv", "--subscriptions", "subscriptions.csv"]
    sources += ["--customers", "customers.csv", "--audience", "audience.csv"]
    done = subprocess.run(
        [sys.executable, "-c", REPORT, command, *sources, "--out", "out.json", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "POLARS_MAX_THREADS": "2", "XDG_CACHE_HOME": str(folder / "cache")},
    )
    code, peak = map(int, done.stdout.split())
    return code, peak * 1024, done.stderr


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("large") / "export"
    generate(folder, customers=42_000, days=365, file_format="parquet")
    return folder


@pytest.mark.slow
def test_the_peak_of_a_large_report_is_bounded(large: Path) -> None:
    assert pl.scan_parquet(large / "events" / "*.parquet").select(pl.len()).collect().item() > 3_000_000
    code, peak, said = report(large, "--memory", "300MB")
    assert code == 0, said
    assert peak < 300 * 10**6 + PROGRAM_ITSELF, f"{peak / 1e6:.0f} MB"


@pytest.mark.slow
def test_what_cannot_fit_is_told_before_it_is_tried(large: Path) -> None:
    code, peak, said = report(large, "--memory", "60MB", command="customers")
    assert code == 2
    assert "the customer table of about" in said
    assert "more than is left of the 60MB allowed" in " ".join(said.split())
    assert peak < 60 * 10**6 + 2 * PROGRAM_ITSELF
