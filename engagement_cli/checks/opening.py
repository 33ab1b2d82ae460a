"""Opening exports for a check: one source that cannot be read does not hide what is wrong with the others."""

from __future__ import annotations

from pathlib import Path

from engagement_cli.checks.finding import Finding, of_error
from engagement_cli.errors import ExitCode, UserError
from engagement_cli.records import replace
from engagement_cli.settings.model import Settings
from engagement_cli.settings.sources import Source, Sources
from engagement_cli.sources.export import Export, Exports
from engagement_cli.sources.headers import read_header
from engagement_cli.sources.opening import Overrides, open_exports
from engagement_cli.sources.paths import resolve
from engagement_cli.sources.structure import check_rows


def open_each(settings: Settings, directory: Path | None, overrides: Overrides) -> tuple[Exports, list[Finding]]:
    """The sources that can be read, every line of their files counted, and a finding for whatever cannot."""
    exports, findings = _open(settings, directory, overrides)
    sources: dict[str, Export] = {}
    for name, export in exports.sources.items():
        faults = _faults(export)
        findings += faults
        if not faults:
            sources[name] = export
    return replace(exports, sources=sources), findings


def _open(settings: Settings, directory: Path | None, overrides: Overrides) -> tuple[Exports, list[Finding]]:
    try:
        return open_exports(settings, directory, overrides), []
    except UserError as error:
        whole = error
    opened, findings = Exports({}), list[Finding]()
    for name in Sources.model_fields:
        try:
            alone = open_exports(*_only(name, settings, directory, overrides))
        except UserError as error:
            findings += [*of_error(error), *_of_files(name, settings, directory, overrides)]
            continue
        opened = Exports(
            {**opened.sources, **alone.sources},
            {**opened.exclusions, **alone.exclusions},
            alone.rules,
            alone.aliases if alone.aliases is not None else opened.aliases,
        )
    told = {finding.what for finding in findings}
    return opened, [*findings, *(finding for finding in of_error(whole) if finding.what not in told)]


def _only(
    name: str, settings: Settings, directory: Path | None, overrides: Overrides
) -> tuple[Settings, Path | None, Overrides]:
    configured = getattr(settings.sources, name)
    sources = Sources() if configured is None else Sources().model_copy(update={name: configured})
    paths = {source: given for source, given in overrides.paths.items() if source == name}
    known = name in paths or configured is not None
    maps = tuple(m for m in overrides.maps if known and m.strip().startswith(f"{name}."))
    return settings.model_copy(update={"sources": sources}), directory, Overrides(paths, maps)


def _of_files(name: str, settings: Settings, directory: Path | None, overrides: Overrides) -> list[Finding]:
    """What is wrong with each file of a source that cannot be opened, of which the error names the first."""
    configured: Source | None = getattr(settings.sources, name)
    written = overrides.paths.get(name)
    if written is None and configured is None:
        return []
    base = Path.cwd() if written is not None or directory is None else directory
    files, _ = resolve(name, written or (configured.path if configured else ()), base)
    found: list[Finding] = []
    for file in files:
        try:
            check_rows([read_header(file, name)])
        except UserError as error:
            found += of_error(error) if error.code == ExitCode.INPUT else []
    return found


def _faults(export: Export) -> list[Finding]:
    found: list[Finding] = []
    for header in export.headers:
        try:
            check_rows([header])
        except UserError as error:
            found += of_error(error)
    return found
