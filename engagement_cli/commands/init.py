"""`engagement init`: reads exports and writes a commented configuration that already runs."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Annotated

import typer

from engagement_cli.errors import UserError

_SOURCES = ("events", "surveys", "subscriptions", "customers", "audience", "identities")
Paths = Annotated[list[str] | None, typer.Option(metavar="PATH", help="An export of this source; repeatable.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="init")(init)


def init(
    exports: Annotated[
        list[str] | None,
        typer.Argument(metavar="EXPORT", help="Files, folders, globs; default: the exports in this folder."),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where to write; - for standard output.")
    ] = Path("engagement.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="IANA zone of the report.")] = "UTC",
    map_: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="SOURCE.FIELD=COLUMN", help="A mapping: events.customer=who; repeatable."),
    ] = None,
    events: Paths = None,
    surveys: Paths = None,
    subscriptions: Paths = None,
    customers: Paths = None,
    audience: Paths = None,
    identities: Paths = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing.")] = False,
) -> None:
    """Write a commented engagement.yaml for exports: preset, mappings, weights, segments, example metrics.

    Which source a file is, and what its columns mean, is recognised; --events FILE and --map say it where it is not.
    """
    from engagement_cli.metrics.registry import PARAMETERS
    from engagement_cli.render.files import write_file
    from engagement_cli.settings.loader import load_settings
    from engagement_cli.settings.presets import shipped_preset
    from engagement_cli.setup.found import Given, find_exports
    from engagement_cli.setup.preset import fitting_preset, own_vocabularies
    from engagement_cli.setup.writing import summary, write_configuration

    to_stdout = str(out) == "-"
    if not to_stdout and not force and (out.exists() or out.is_symlink()):
        raise UserError("the file is there already", where=str(out), hint="--force overwrites it, -o writes elsewhere")
    given = (events, surveys, subscriptions, customers, audience, identities)
    by_source = {name: tuple(paths) for name, paths in zip(_SOURCES, given, strict=True) if paths}
    found = find_exports(Given(tuple(exports or ()), by_source, tuple(map_ or ()), timezone), Path.cwd())
    preset = fitting_preset(found.events, own_vocabularies())
    catalogue = load_settings(shipped_preset(preset or "default"), types=PARAMETERS, preset=shipped_preset).settings
    text = write_configuration(found, catalogue, preset, Path.cwd() if to_stdout else out.parent)
    if to_stdout:
        typer.echo(text.encode(), nl=False)
        return

    def fill(stream: IO[bytes]) -> None:
        stream.write(text.encode())

    write_file(out, fill)
    if not quiet:
        typer.echo(summary(found, preset, out), err=True)
