"""The exports at hand, sorted into sources and read once: what a first configuration is written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import ExitCode, Problem, UserError, input_error
from engagement_cli.records import Record
from engagement_cli.settings.mistakes import SettingError
from engagement_cli.settings.model import Settings
from engagement_cli.settings.sources import EventSource, Source, Sources
from engagement_cli.settings.units import check_zone
from engagement_cli.setup.recognition import Recognised, recognise
from engagement_cli.sources.diagnosis import diagnose
from engagement_cli.sources.events import scan_events
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.fates import USED
from engagement_cli.sources.fields import SOURCES
from engagement_cli.sources.mapping import parse_maps
from engagement_cli.sources.opening import open_exports
from engagement_cli.sources.paths import is_export, resolve
from engagement_cli.sources.sampling import sample

_FEW = 100


class Given(Record):
    """What the command line names: exports of any source, exports by source, mappings; the report's zone."""

    paths: tuple[str, ...] = ()
    by_source: Mapping[str, tuple[str, ...]] | None = None
    maps: tuple[str, ...] = ()
    timezone: str = "UTC"


class Found(Record):
    """Opened exports, with a sample of each.

    `events` has one row an event, the most frequent first: event, rows, customers. `guessed` are the fields found by
    what their cells hold, `skipped` the files that are no source.
    """

    exports: Exports
    samples: Mapping[str, pl.DataFrame]
    events: pl.DataFrame
    guessed: Mapping[str, tuple[str, ...]]
    skipped: tuple[Path, ...]
    identities: tuple[Recognised, ...]
    timezone: str


def find_exports(given: Given, folder: Path) -> Found:
    """Sort files into sources and read them; without any path, the exports that lie in the folder.

    Raises `UserError` for files that cannot be read (3) or are no source (2), and where there is nothing (3).
    """
    try:
        check_zone(given.timezone)
    except SettingError as error:
        raise UserError(str(error), where="--timezone", hint=error.hint) from None
    maps = parse_maps(given.maps)
    named = given.by_source or {}
    everything = not given.paths and not named
    paths = (
        tuple(sorted(f.name for f in folder.iterdir() if f.is_file() and is_export(f))) if everything else given.paths
    )
    if everything and not paths:
        hint = "name the exports: `engagement init exports/*.csv`; or make some with `engagement sample exports`"
        raise input_error("there is no .csv or .parquet file here", where=str(folder), hint=hint)
    wanted = [(None, paths), *named.items()]
    files: dict[Path, str | None] = {}
    problems: list[Problem] = []
    for source, written in wanted:
        resolved, missing = resolve(source or "export", written, folder)
        problems += missing
        files |= dict.fromkeys(resolved, source)
    if problems:
        raise UserError(problems, code=ExitCode.INPUT)
    recognised: list[Recognised] = []
    skipped: list[Path] = []
    for file, source in files.items():
        one = recognise(file, source, maps)
        if isinstance(one, Recognised):
            recognised.append(one)
        elif everything:
            skipped.append(file)
        else:
            problems.append(one)
    if problems or not recognised:
        raise UserError(problems or [Problem("none of these files is an export", ", ".join(map(str, skipped)))])
    settings = Settings(timezone=given.timezone, sources=_sources(recognised, skipped, everything=everything))
    exports = open_exports(settings, folder)
    try:
        samples = {name: sample(export.headers) for name, export in exports.sources.items()}
        counted = _events(exports)
    except (PolarsError, OSError) as error:
        raise diagnose(exports, error) from error
    return Found(
        exports=exports,
        samples=samples,
        events=counted,
        guessed={one.source: one.guessed for one in recognised if one.guessed},
        skipped=tuple(skipped),
        identities=tuple(one for one in recognised if one.source == "identities"),
        timezone=given.timezone,
    )


def _sources(recognised: Sequence[Recognised], skipped: list[Path], *, everything: bool) -> Sources:
    """The files as configured sources.

    Files of one source need the same columns: of a whole folder, those that have others than the first are skipped.
    """
    found: dict[str, Source] = {}
    for name in SOURCES:
        mine = [one for one in recognised if one.source == name]
        if everything and mine:
            odd = [one for one in mine if set(one.header.names) != set(mine[0].header.names)]
            skipped += [one.file for one in odd]
            mine = [one for one in mine if one not in odd]
        if mine:
            kind = EventSource if name == "events" else Source
            found[name] = kind(path=tuple(str(one.file) for one in mine), columns=dict(mine[0].columns))
    return Sources().model_copy(update=found)


def _events(exports: Exports) -> pl.DataFrame:
    if "events" not in exports.sources:
        return pl.DataFrame(schema={"event": pl.String, "rows": pl.UInt32, "customers": pl.UInt32})
    used = scan_events(exports).filter(pl.col("fate") == USED)
    rows = used.group_by("event").agg(rows=pl.len())
    customers = (
        used.drop_nulls("customer").select("event", "customer").unique().group_by("event").agg(customers=pl.len())
    )
    counted = rows.join(customers, on="event", how="left").with_columns(pl.col("customers").fill_null(0))
    return counted.collect(engine="streaming").sort("rows", "event", descending=[True, False])


def distinct(found: Found, source: str, column: str) -> list[str]:
    """The distinct values of a raw column in the sample, as text, the most frequent first."""
    cells = found.samples[source][column].cast(pl.String).drop_nulls()
    counts = cells.filter(cells.str.strip_chars() != "").value_counts(sort=False, name="count")
    return [str(v) for v in counts.sort("count", column, descending=[True, False])[column].to_list()]


def examples(found: Found, source: str, column: str, count: int) -> list[str]:
    """A few values of a raw column, as text: the most frequent where there are few of them, else the first."""
    cells = found.samples[source][column].cast(pl.String).drop_nulls()
    distinct_cells = cells.filter(cells.str.strip_chars() != "").unique(maintain_order=True)
    if len(distinct_cells) > _FEW:
        return [str(value) for value in distinct_cells.head(count).to_list()]
    return distinct(found, source, column)[:count]


def free_columns(export: Export) -> list[str]:
    """The raw columns that no field reads, in the file's order."""
    read = {column.column for column in export.columns.values()}
    return [name for name in export.types if name in export.raw and name not in read]
