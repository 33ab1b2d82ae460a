"""The sides of the benchmark, as commands over the same sample that write one number a row to Parquet."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from engagement_cli.samples.generator import generate

HERE = Path(__file__).resolve().parent
SMALL_TABLES = ("surveys", "subscriptions", "customers", "audience")
EVENTS_A_DAY = 0.2  # of one customer of the sample, on average


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
        """The other sources' files by name. No identities: aliases stay customers of their own on every side."""
        return {name: str(self.folder / f"{name}.csv") for name in SMALL_TABLES}

    def files(self) -> list[str]:
        """Events and the other sources, in the order in which the scripts take them."""
        return [self.events, *self.tables().values()]


def make_sample(folder: Path, customers: int, days: int = 365) -> Sample:
    """The sample of so many customers over so many days in a subfolder, made only where it is not there yet."""
    sample = Sample(folder / f"sample-{customers}-{days}")
    if not sample.folder.is_dir():
        generate(sample.folder, customers=customers, days=days, file_format="parquet")
    return sample


def report(sample: Sample, out: Path, config: Path | None = None) -> list[str]:
    """The command for the default report, or for that of a configuration, which reads everything; rows to Parquet."""
    given = [] if config is None else ["--config", str(config)]
    paths = {"events": sample.events, **sample.tables()}
    exports = [word for name, path in paths.items() for word in (f"--{name}", path)]
    command = [sys.executable, "-m", "engagement_cli", "report", "--no-cache", "--quiet", "--out", str(out)]
    return [*command, *given, *exports]


def script(name: str, sample: Sample, out: Path) -> list[str]:
    """The command for one of the scripts here: OUT, events, then the other tables."""
    return [sys.executable, str(HERE / name), str(out), *sample.files()]
