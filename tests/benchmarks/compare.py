"""Benchmark: the report beside its peers over the same files. Wall time, CPU time, peak memory; see README.md.

python tests/benchmarks/compare.py --events 10M [--customers 1M] [--data DIR | --sample DIR] [--runs 3]
python tests/benchmarks/compare.py --show-sql
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import polars as pl
from agreement import disagreements
from covered import coverage, only
from runs import THREADS, Cost, heading, line, measured, median, ratio
from sides import EVENTS_A_DAY, HERE, Sample, make_sample, report, script

DAYS = 365
PEERS = {"DuckDB": "duckdb_report.py", "chDB": "chdb_report.py", "Polars": "polars_report.py"}
PEERS |= {"retentioneering": "retentioneering_report.py"}
MODULES = {"DuckDB": "duckdb", "chDB": "chdb", "Polars": "polars", "retentioneering": "retentioneering"}


def shown_sql() -> str:
    """The SQL that DuckDB and chDB run, file after file."""
    return "\n".join(
        path.read_text() for folder in ("sql", "clickhouse") for path in sorted((HERE / folder).glob("*.sql"))
    )


def number(text: str) -> int:
    """A number of rows as people write it: 10M, 140k, 2500."""
    scale = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000}.get(text[-1:].lower())
    return round(float(text[:-1]) * scale) if scale else int(text)


def agreed(sample: Sample, folder: Path, peers: list[str]) -> dict[str, list[str]]:
    """The commands of every side by name. A peer that does not agree with the default report is told and left out."""
    commands = {"report": report(sample, folder / "report.parquet")}
    measured(commands["report"], folder)
    whole = pl.read_parquet(folder / "report.parquet")
    for peer in peers:
        if find_spec(MODULES[peer]) is None:
            print(f"{peer}: not installed; `pip install {MODULES[peer]}`")
            continue
        out = folder / f"{peer}.parquet"
        measured(script(PEERS[peer], sample, out), folder)
        rows = pl.read_parquet(out)
        wrong = disagreements(whole, rows)
        print(f"{peer}: {coverage(whole, rows)}; {rows.height - wrong.height:,} of its {rows.height:,} numbers agree")
        if not wrong.is_empty():
            print(wrong.head(10))
            continue
        if set(rows["metric"]) != set(whole["metric"]):
            config = only(rows["metric"].unique(), whole, folder / f"{peer}.yaml")
            commands[f"report as {peer}"] = report(sample, folder / "part.parquet", config)
        commands[peer] = script(PEERS[peer], sample, out)
    return commands


def timed(commands: dict[str, list[str]], folder: Path, runs: int) -> dict[str, Cost]:
    """The medians of each side over its runs, which take turns."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    print(f"\n{heading()}")
    for run in range(1, runs + 1):
        for name, command in commands.items():
            costs[name].append(measured(command, folder))
            print(line(f"{name}, run {run}", costs[name][-1]), flush=True)
    return {name: median(found) for name, found in costs.items()}


def compare(sample: Sample, folder: Path, peers: list[str], runs: int) -> int:
    """Check that the sides agree, time them in turns, print medians and ratios. 1 where one disagrees."""
    commands = agreed(sample, folder, peers)
    commands["floor"] = script("floor.py", sample, folder / "floor.parquet")
    middle = timed(commands, folder, runs)
    print(f"\n{heading('medians')}")
    for name, cost in middle.items():
        print(line(name, cost))
    print()
    print(ratio("report ÷ floor", middle["report"], middle["floor"]))
    for peer in peers:
        if peer in middle:
            same = f"report as {peer}" if f"report as {peer}" in middle else "report"
            print(ratio(f"{peer} ÷ {same}", middle[peer], middle[same]))
    return int(any(peer not in middle for peer in peers if find_spec(MODULES[peer])))


def main() -> int:
    """Read the options, make the sample, compare."""
    options = argparse.ArgumentParser(description="The report beside its peers over the same files.")
    options.add_argument("--events", type=number, default=1_000_000, help="about so many, such as 10M")
    options.add_argument("--customers", type=number, help=f"such as 1M; default: as many as have them in {DAYS} days")
    options.add_argument("--data", type=Path, help="keeps the samples; default: a temporary folder")
    options.add_argument("--sample", type=Path, help="a folder of `engagement sample --format parquet`, as it is")
    options.add_argument("--sides", nargs="*", choices=PEERS, default=list(PEERS), help="the peers; default: all")
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--show-sql", action="store_true", help="print the SQL, and do nothing else")
    given = options.parse_args()
    if given.show_sql:
        print(shown_sql())
        return 0
    customers = given.customers or round(given.events / EVENTS_A_DAY / DAYS)
    with tempfile.TemporaryDirectory(prefix="engagement-benchmark-") as temporary:
        kept = (given.data or Path(temporary)).resolve()
        days = max(1, round(given.events / EVENTS_A_DAY / customers))
        sample = Sample(given.sample.resolve()) if given.sample else make_sample(kept, customers, days)
        events = pl.scan_parquet(sample.events).select(pl.len()).collect().item()
        print(f"{events:,} events in {sample.folder}; {THREADS} threads each")
        return compare(sample, Path(temporary), given.sides, given.runs)


if __name__ == "__main__":
    sys.exit(main())
