"""Opening exports: files, headers, mappings and readings of timestamps, with every problem told at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import ExitCode, Problem, UserError
from engagement_cli.records import Record, field, replace
from engagement_cli.settings.model import Settings
from engagement_cli.settings.sources import EventSource, Source, Sql
from engagement_cli.sources.diagnosis import diagnose_files
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.fields import SOURCES
from engagement_cli.sources.headers import Header, read_header
from engagement_cli.sources.identities import read_aliases
from engagement_cli.sources.instants import AmbiguousOrderError, Reading, told_by_type
from engagement_cli.sources.instants import decide as decide_reading
from engagement_cli.sources.mapping import Column, Decision, decide, parse_maps
from engagement_cli.sources.numbers import has_text
from engagement_cli.sources.paths import resolve
from engagement_cli.sources.predicates import check_sql, parse_sql, sql_columns
from engagement_cli.sources.sampling import infer_types, sample, typed
from engagement_cli.sources.scans import common_types, same_columns, scan
from engagement_cli.sources.timestamps import Zones


class Overrides(Record):
    """What the command line says about exports: paths by source, relative to the working folder, and `--map`s."""

    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    maps: tuple[str, ...] = ()


_NO_OVERRIDES = Overrides()
_AT_ONCE = 2  # sources: much of one is done on one thread
Found = list[tuple[Problem, ExitCode]]


def open_exports(settings: Settings, directory: Path | None, overrides: Overrides = _NO_OVERRIDES) -> Exports:
    """Find the files, read headers and a sample, decide the mapping and how timestamps are read.

    `directory` is the folder that configured paths are relative to (the working folder if None). Raises one
    `UserError` with all problems: exit 3 for files, 6 where all that is wrong is that files hold no rows, 2 for a
    mapping or predicate that names what does not exist.
    """
    maps = parse_maps(overrides.maps)

    def one(name: str) -> tuple[Export | None, Found]:
        configured: Source | None = getattr(settings.sources, name)
        written = overrides.paths.get(name)
        if written is None and configured is None:
            problem = Problem(f"--map names {name}, which has no export", name, f"add --{name} PATH")
            return None, [(problem, ExitCode.USAGE)] if name in maps else []
        files, missing = files_of(name, settings, directory, overrides)
        return _open_source(name, files, missing, settings, configured, maps.get(name, {}))

    pl.Series(np.empty(0))  # Polars loads what it needs of NumPy with the first array, and only one thread may do that
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip(SOURCES, pool.map(one, SOURCES), strict=True))
    opened = {name: export for name, (export, _) in found.items() if export is not None}
    problems = [problem for _, each in found.values() for problem in each]
    if problems:
        codes = {code for _, code in problems}
        code = codes.pop() if len(codes) == 1 else ExitCode.INPUT
        raise UserError([problem for problem, _ in problems], code=code)
    aliases = read_aliases(opened.pop("identities")) if "identities" in opened else None
    rules = {name: rule.where for name, rule in settings.exclude.items()}
    return Exports(opened, _exclusions(rules, opened), rules, aliases)


def files_of(
    name: str, settings: Settings, directory: Path | None, overrides: Overrides = _NO_OVERRIDES
) -> tuple[list[Path], list[Problem]]:
    """The files of a source, of which none has been looked into, and what is wrong with its paths."""
    configured: Source | None = getattr(settings.sources, name)
    written = overrides.paths.get(name)
    base = Path.cwd() if written is not None or directory is None else directory
    paths = written if written is not None else configured.path if configured else ()
    return resolve(name, paths, base, hint=f"looked in {base}")


def _open_source(
    name: str,
    files: Sequence[Path],
    missing: Sequence[Problem],
    settings: Settings,
    configured: Source | None,
    mapped: Mapping[str, str | Sql],
) -> tuple[Export | None, Found]:
    """One source, or None; and what is wrong with it, each with the exit code it leads to."""
    headers, found = _read_headers(name, files, missing)
    if not headers:
        return None, found
    if difference := same_columns(name, headers):
        return None, [*found, (difference, ExitCode.INPUT)]
    raw = [n for n, dtype in common_types(headers).items() if has_text(dtype)]
    decision = decide(name, configured.columns if configured else {}, mapped, raw)
    found += [(p, ExitCode.USAGE) for p in decision.usage]
    found += [(replace(p, where=str(headers[0].file)), ExitCode.INPUT) for p in decision.structure]
    if decision.usage or decision.structure:
        return None, found
    zone = configured.timezone if configured else None
    zones = Zones(zone or "UTC", zone or settings.timezone)
    try:
        return _open(name, headers, decision, zones, settings.timezone, configured), found
    except UserError as error:
        return None, [*found, *((problem, error.code) for problem in error.problems)]


def _read_headers(name: str, files: Sequence[Path], missing: Sequence[Problem]) -> tuple[list[Header], Found]:
    problems = [(problem, ExitCode.INPUT) for problem in missing]
    headers: list[Header] = []
    empty: Found = []
    for file in files:
        try:
            headers.append(read_header(file, name))
        except UserError as error:
            found = [(problem, error.code) for problem in error.problems]
            (empty if error.code == ExitCode.EMPTY else problems).extend(found)
    if not headers:  # a day without rows among many files is no fault, a source without rows is
        problems.extend(empty)
    if headers and all(header.rows == 0 for header in headers):
        where = str(headers[0].file)
        return [], [*problems, (Problem(f"{name} holds no rows", where, "export it again, with rows"), ExitCode.EMPTY)]
    return headers, problems


def _open(
    name: str,
    headers: list[Header],
    decision: Decision,
    zones: Zones,
    report_zone: str,
    configured: Source | None,
) -> Export:
    types = common_types(headers)
    try:
        if headers[0].delimiter is not None:
            cells = sample(headers)
            inferred = infer_types(cells)
        else:
            inferred = types
            instants = [c for c in decision.columns.values() if c.kind == "instant"]
            needed = {c.column for c in instants if c.column} | {
                n for c in instants if c.sql for n in sql_columns(c.sql)
            }
            told = all(c.column is not None and told_by_type(types[c.column]) for c in instants)
            cells = pl.DataFrame(schema={n: types[n] for n in needed}) if told else sample(headers, sorted(needed))
    except (PolarsError, OSError) as error:
        raise diagnose_files(headers, name) or error from error
    raw = {n: t for n, t in inferred.items() if has_text(types[n])}
    readings: dict[str, Reading] = {}
    cell_types: dict[str, pl.DataType] = {}
    for column in decision.columns.values():
        if column.sql is not None:
            where = f"{name}.{column.name}"
            cell_types[column.name] = check_sql(column.sql, raw, where, boolean=False)
        else:
            cell_types[column.name] = types[column.column or ""]
        if column.kind == "instant":
            readings[column.name] = _reading(name, headers, column, cells, types, raw)
    return Export(
        name=name,
        headers=tuple(headers),
        columns=decision.columns,
        raw=raw,
        types=types,
        cell_types=cell_types,
        readings=readings,
        zones=zones,
        report_zone=report_zone,
        dedupe=configured.dedupe if isinstance(configured, EventSource) else "none",
    )


def _reading(
    name: str,
    headers: Sequence[Header],
    column: Column,
    cells: pl.DataFrame,
    types: Mapping[str, pl.DataType],
    raw: Mapping[str, pl.DataType],
) -> Reading:
    def values(frame: pl.DataFrame) -> pl.Series:
        if column.sql is None:
            return frame[column.column or ""]
        given = frame.with_columns(typed(pl.col(n), types[n], raw[n]) for n in sql_columns(column.sql))
        return given.select(parse_sql(column.sql).alias("cell")).to_series()

    try:
        try:
            reading = decide_reading(values(cells))
        except AmbiguousOrderError:  # the sample does not prove the order; all cells may
            needed = [column.column] if column.column else sorted(sql_columns(column.sql or ""))
            reading = decide_reading(values(scan(headers).select(needed).collect()))
    except AmbiguousOrderError as ambiguous:
        label = column.column or f"SQL {column.sql}"
        raise UserError(
            f"{name}.{column.name}: dates such as {ambiguous} may be day/month or month/day",
            where=f"{headers[0].file}, column {label}",
            hint=f"say which: --map \"{name}.{column.name}=sql:STRPTIME({column.column or 'COLUMN'}, '%d/%m/%Y')\"",
            code=ExitCode.INPUT,
        ) from None
    return reading


def _exclusions(rules: Mapping[str, str], opened: Mapping[str, Export]) -> dict[str, tuple[str, ...]]:
    """By source, the exclusions that apply to it: those whose columns it all has."""
    columns = {name: sql_columns(sql, f"exclude.{name}") for name, sql in rules.items()}
    return {
        source: tuple(name for name in rules if columns[name] <= export.names()) for source, export in opened.items()
    }
