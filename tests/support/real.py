"""Real exports under a configuration of tests/real: run as a user would, and DuckDB to ask the same files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.commands import run

CONFIGURATIONS = Path(__file__).parents[1] / "real"


def reported(name: str, *options: object) -> dict[str, Any]:
    """`report` of a configuration as JSON, inside the test's process."""
    done = run("report", "-c", CONFIGURATIONS / name, "--format", "json", "-q", *options)
    assert done.code == 0, done.err
    return dict(done.json)


def program(*arguments: object) -> dict[str, Any]:
    """The real program as its own process, its standard output as JSON."""
    command = [sys.executable, "-m", "engagement_cli", *(str(a) for a in arguments), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def rows_of(
    report: dict[str, Any], metric: str, segments: str = "", measure: str | None = None
) -> list[dict[str, Any]]:
    """The metric rows of one metric and segment, of its first measure where none is named."""
    rows = [row for row in report["metrics"] if row["metric"] == metric and row["segments"] == segments]
    wanted = measure or rows[0]["measure"]
    return [row for row in rows if row["measure"] == wanted]


def value(report: dict[str, Any], metric: str, segments: str = "") -> float:
    """The only value of a metric."""
    (row,) = rows_of(report, metric, segments)
    return float(row["value"])


def by_period(report: dict[str, Any], metric: str, column: str = "value", measure: str | None = None) -> dict[str, Any]:
    """A metric's numbers by the start of their period."""
    return {row["period_start"]: row[column] for row in rows_of(report, metric, measure=measure)}


def judged(sql: str, **files: Path) -> list[tuple[Any, ...]]:
    """The rows that DuckDB finds; `files` are views by name, their columns as text unless Parquet says otherwise."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, file in files.items():
            read = f"read_parquet('{file}')" if file.suffix == ".parquet" else f"read_csv('{file}', all_varchar = true)"
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {read}")
        return connection.execute(sql).fetchall()


def near(found: Mapping[Any, Any]) -> dict[Any, Any]:
    """The same with numbers that compare nearly."""
    return {key: pytest.approx(number, rel=1e-9, abs=1e-9) for key, number in found.items()}
