"""The two sides of the benchmark as commands over the same sample: the report, and report.sql in DuckDB."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from engagement_cli.samples.generator import generate

HERE = Path(__file__).resolve().parent
SMALL_TABLES = ("surveys", "subscriptions", "customers")


@dataclass(frozen=True)
class Sample:
    """A folder that `generate` wrote: events in Parquet, one file or many, the other tables in CSV."""

    folder: Path

    @property
    def events(self) -> str:
        """The events' file, or the glob of their files."""
        single = self.folder / "events.parquet"
        return str(single if single.is_file() else self.folder / "events" / "*.parquet")

    def tables(self) -> dict[str, str]:
        """The other sources' files by name. No identities: aliases stay customers of their own on both sides."""
        return {name: str(self.folder / f"{name}.csv") for name in SMALL_TABLES}


def make_sample(folder: Path, customers: int) -> Sample:
    """The sample of so many customers over 365 days in a subfolder, made only where it is not there yet."""
    sample = Sample(folder / f"sample-{customers}")
    if not sample.folder.is_dir():
        generate(sample.folder, customers=customers, file_format="parquet")
    return sample


def report(sample: Sample, out: Path, config: Path | None = HERE / "report.yaml") -> list[str]:
    """The command for report.yaml's report, or for the default one where `config` is None; metric rows to Parquet."""
    given = [] if config is None else ["--config", str(config)]
    paths = {"events": sample.events, **sample.tables()}
    exports = [word for name, path in paths.items() for word in (f"--{name}", path)]
    said = ["--quiet", "--out", str(out)]
    return [sys.executable, "-m", "engagement_cli", "report", *given, *exports, *said]


def by_hand(sample: Sample, out: Path) -> list[str]:
    """The command for report.sql; its `result` to a Parquet file."""
    return [sys.executable, str(HERE / "duckdb_report.py"), str(out), sample.events, *sample.tables().values()]
