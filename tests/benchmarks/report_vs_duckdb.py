"""Benchmark: `report` beside report.sql in DuckDB over the same files. Wall time, CPU time, peak memory; see README.md.

python tests/benchmarks/report_vs_duckdb.py [--customers 140000] [--data DIR] [--runs 3]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from agreement import disagreements
from sides import HERE, Sample, by_hand, make_sample, report

THREADS = 2  # as many as report.sql is given


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds and bytes."""

    wall: float
    cpu: float
    peak: float


def measured(command: list[str], folder: Path) -> Cost:
    """Run a command in a folder, from a small process of its own. Raises CalledProcessError where it fails."""
    environment = {**os.environ, "POLARS_MAX_THREADS": str(THREADS)}
    done = subprocess.run(
        [sys.executable, str(HERE / "timing.py"), *command],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Cost(**json.loads(done.stdout))


def median(costs: list[Cost]) -> Cost:
    """The median of each number by itself."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "peak")))


def line(name: str, cost: Cost) -> str:
    """One row of the table: seconds, and peak memory in GB of 10⁹ bytes."""
    return f"{name:<24}{cost.wall:>9.2f}{cost.cpu:>9.2f}{cost.peak / 1e9:>9.2f}"


def compare(sample: Sample, folder: Path, runs: int) -> int:
    """Check that both sides agree, then time them in turns. 1 where they do not agree."""
    outs = {"report": folder / "report.parquet", "DuckDB": folder / "duckdb.parquet"}
    commands = {"report": report(sample, outs["report"]), "DuckDB": by_hand(sample, outs["DuckDB"])}
    for command in commands.values():
        measured(command, folder)
    rows = {name: pl.read_parquet(out) for name, out in outs.items()}
    wrong = disagreements(rows["report"], rows["DuckDB"])
    if not wrong.is_empty():
        print(f"the two disagree in {wrong.height} numbers, of which the first are")
        print(json.dumps(wrong.head(10).to_dicts(), indent=1))
        return 1
    print(f"both agree in {rows['DuckDB'].height} numbers of {rows['DuckDB']['metric'].n_unique()} metrics\n")
    commands["default report"] = report(sample, folder / "default.parquet", config=None)
    print(f"{'':<24}{'wall s':>9}{'CPU s':>9}{'peak GB':>9}")
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for run in range(1, runs + 1):
        for name, command in commands.items():
            costs[name].append(measured(command, folder))
            print(line(f"{name}, run {run}", costs[name][-1]), flush=True)
    middle = {name: median(found) for name, found in costs.items()}
    print()
    for name, cost in middle.items():
        print(line(f"{name}, median", cost))
    ours, theirs = middle["report"], middle["DuckDB"]
    quotients = (ours.wall / theirs.wall, ours.cpu / theirs.cpu, ours.peak / theirs.peak)
    print(f"{'report ÷ DuckDB':<24}" + "".join(f"{quotient:>9.2f}" for quotient in quotients))
    return 0


def main() -> int:
    """Read the options, make the sample, compare."""
    options = argparse.ArgumentParser(description="`report` beside hand-written DuckDB SQL over the same files.")
    options.add_argument("--customers", type=int, default=140_000, help="140,000 have about 10 million events")
    options.add_argument("--data", type=Path, help="keeps the sample; default: a temporary folder")
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="engagement-benchmark-") as temporary:
        kept = Path(temporary) if given.data is None else given.data.resolve()
        kept.mkdir(parents=True, exist_ok=True)
        sample = make_sample(kept, given.customers)
        events = pl.scan_parquet(sample.events).select(pl.len()).collect().item()
        print(f"{events:,} events of {given.customers:,} customers in {sample.folder}; {THREADS} threads each")
        return compare(sample, Path(temporary), given.runs)


if __name__ == "__main__":
    sys.exit(main())
