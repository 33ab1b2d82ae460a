"""How the report's cost grows: with events, customers and metrics, and from Parquet to CSV. See README.md.

python tests/benchmarks/scaling.py events --small DIR --large DIR      the same report on two samples
python tests/benchmarks/scaling.py customers [--events 10M]            1 : 5 customers at equal events
python tests/benchmarks/scaling.py metrics [--sample DIR]              ten metrics, forty, all
python tests/benchmarks/scaling.py csv [--sample DIR]                  CSV ÷ (Polars' scan of it + the Parquet run)
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import polars as pl
from compare import number
from covered import only
from runs import Cost, heading, line, measured, median, ratio
from sides import EVENTS_A_DAY, Sample, make_sample, report

FEW, MANY = 10, 40
SCAN = "import sys, polars as pl; pl.scan_csv(sys.argv[1]).select(pl.all().null_count()).collect(engine='streaming')"


def timed(commands: dict[str, list[str]], folder: Path, runs: int) -> dict[str, Cost]:
    """The medians of some commands, which take turns, printed as they come."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    print(heading())
    for _ in range(runs):
        for name, command in commands.items():
            costs[name].append(measured(command, folder))
            print(line(name, costs[name][-1]), flush=True)
    return {name: median(found) for name, found in costs.items()}


def two(small: Sample, large: Sample, names: tuple[str, str], folder: Path, runs: int) -> None:
    """The default report on two samples, and the quotient."""
    out = folder / "report.parquet"
    middle = timed({names[0]: report(small, out), names[1]: report(large, out)}, folder, runs)
    for sample, name in ((small, names[0]), (large, names[1])):
        events = pl.scan_parquet(sample.events).select(pl.len()).collect().item()
        print(f"{name}: {events:,} events")
    print(ratio(f"{names[1]} ÷ {names[0]}", middle[names[1]], middle[names[0]]))


def metrics(sample: Sample, folder: Path, runs: int) -> None:
    """Reports of ten and of forty metrics, taken evenly from the default report, and the whole of it."""
    out = folder / "report.parquet"
    measured(report(sample, out), folder)
    whole = pl.read_parquet(out)
    # One signal's rule may name another, so they go together or not at all.
    plain = whole.filter(pl.col("dimension") != "signals")
    names = plain["metric"].unique(maintain_order=True).to_list()
    commands = {}
    for count in (FEW, MANY):
        chosen = names[:: len(names) // count][:count]
        commands[f"{count} metrics"] = report(sample, out, only(chosen, whole, folder / f"{count}.yaml"))
    commands[f"all {whole['metric'].n_unique()} metrics"] = report(sample, out)
    few, *more = timed(commands, folder, runs).items()
    for name, cost in more:
        print(ratio(f"{name} ÷ {few[0]}", cost, few[1]))


def csv(sample: Sample, folder: Path, runs: int) -> None:
    """The report from CSV beside Polars' own scan of that file and the report from Parquet."""
    exported = folder / "csv"
    exported.mkdir()
    events = exported / "events.csv"
    pl.scan_parquet(sample.events).sink_csv(events)
    out = folder / "report.parquet"
    from_csv = [str(events) if word == sample.events else word for word in report(sample, out)]
    scan = [sys.executable, "-c", SCAN, str(events)]
    middle = timed({"CSV": from_csv, "scan_csv": scan, "Parquet": report(sample, out)}, folder, runs)
    both = Cost(*(getattr(middle["scan_csv"], n) + getattr(middle["Parquet"], n) for n in ("wall", "cpu", "peak")))
    print(ratio("CSV ÷ (scan + Parquet)", middle["CSV"], both))


def main() -> None:
    """Read the options, and measure one way of growing."""
    options = argparse.ArgumentParser(description="How the report's cost grows.")
    options.add_argument("what", choices=("events", "customers", "metrics", "csv"))
    options.add_argument("--events", type=number, default=10_000_000)
    options.add_argument("--small", "--sample", type=Path, help="a folder of `engagement sample --format parquet`")
    options.add_argument("--large", type=Path, help="the larger one")
    options.add_argument("--data", type=Path, help="keeps the samples; default: a temporary folder")
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="engagement-scaling-") as temporary:
        folder, kept = Path(temporary), (given.data or Path(temporary)).resolve()

        def sample(path: Path | None, events: int, days: int) -> Sample:
            customers = round(events / EVENTS_A_DAY / days)
            return Sample(path.resolve()) if path else make_sample(kept, customers, days)

        if given.what == "events":
            small, large = sample(given.small, given.events, 500), sample(given.large, 10 * given.events, 500)
            two(small, large, ("small", "large"), folder, given.runs)
        elif given.what == "customers":
            few, many = sample(None, given.events, 500), sample(None, given.events, 100)
            two(few, many, ("few customers", "5 × as many"), folder, given.runs)
        elif given.what == "metrics":
            metrics(sample(given.small, given.events, 500), folder, given.runs)
        else:
            csv(sample(given.small, given.events, 500), folder, given.runs)


if __name__ == "__main__":
    main()
