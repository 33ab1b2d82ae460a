"""`engagement cache list` and `cache clear`: what earlier reports kept of the events that they read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engagement_cli.timeline.cache.answers import Answer
    from engagement_cli.timeline.cache.shelf import Kept, Remains, Shelf

Folder = Annotated[
    Path | None, typer.Option("--cache", metavar="DIR", help="The folder; default: in the user's cache folder.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(name="cache", help="What was kept of large exports, for later reports.", no_args_is_help=True)
    group.command(name="list")(list_kept)
    group.command(name="clear")(clear)
    app.add_typer(group)


def list_kept(
    cache: Folder = None,
    format_name: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="table, json, ndjson, csv, parquet or md.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write here instead.")] = None,
) -> None:
    """The exports of which something is kept: events, size, when it was read and last used, the last one first."""
    import polars as pl

    from engagement_cli.render.documents import Rows
    from engagement_cli.render.output import write
    from engagement_cli.timeline.cache.answers import Answers
    from engagement_cli.timeline.cache.shelf import Kept

    shelf = _shelf(cache)
    everything, answers = shelf.all(), Answers(shelf.folder).all()
    rows = [_row(kept) for kept in everything if isinstance(kept, Kept)]
    numbers = {"files": pl.Int64, "events": pl.Int64, "megabytes": pl.Float64}
    table = pl.DataFrame(rows, {"exports": pl.String, **numbers, "made": pl.String, "used": pl.String})
    size = sum(each.size for each in everything) + sum(each.size for each in answers)
    both = f"{len(rows)} kept, and {len(answers)} {'answer' if len(answers) == 1 else 'answers'}"
    note = f"{both}: {size / 1e6:,.1f} MB in {shelf.folder}"
    write(Rows("Cache", table, name="cache list", notes=[note]), format_name, out)


def clear(
    cache: Folder = None,
    older: Annotated[
        str | None, typer.Option("--older", metavar="LENGTH", help="Only what was not used for so long: 30d.")
    ] = None,
) -> None:
    """Remove what is kept. Reports that are reading it now are not disturbed."""
    import time

    from engagement_cli.commands.given import parsed
    from engagement_cli.errors import UserError
    from engagement_cli.settings.values import parse_duration
    from engagement_cli.timeline.cache.answers import Answers
    from engagement_cli.timeline.cache.unfinished import is_abandoned, is_unfinished

    length = parsed("--older", older, parse_duration)
    shelf, now = _shelf(cache), time.time()
    left = [e for e in shelf.all() if not is_unfinished(e.folder) or is_abandoned(e.folder, e.used)]
    everything: list[Remains | Answer] = [*left, *Answers(shelf.folder).all()]
    meant = [each for each in everything if length is None or now - each.used > length.total_seconds()]
    removed = [each for each in meant if each.remove()]
    typer.echo(f"removed {len(removed)}, {sum(each.size for each in removed) / 1e6:,.1f} MB, from {shelf.folder}")
    if len(removed) < len(meant):
        raise UserError(
            f"{len(meant) - len(removed)} of {len(meant)} could not be removed",
            where=str(shelf.folder),
            hint="clear it as the user who may write there",
        )


def _shelf(cache: Path | None) -> Shelf:
    from engagement_cli.commands.keeping import named_cache, user_cache
    from engagement_cli.errors import UserError
    from engagement_cli.timeline.cache.shelf import Shelf

    folder = named_cache(cache) if cache is not None else user_cache()
    if folder is None:
        raise UserError("there is no folder for caches", where="--cache", hint="name one: --cache DIR")
    return Shelf(folder)


def _row(kept: Kept) -> dict[str, Any]:
    from datetime import UTC, datetime

    paths = [file.path for file in kept.manifest.files]
    return {
        "exports": _around(paths),
        "files": len(paths),
        "events": kept.manifest.rows,
        "megabytes": round(kept.size / 1e6, 1),
        "made": kept.manifest.made,
        "used": datetime.fromtimestamp(kept.used, UTC).isoformat(timespec="seconds"),
    }


def _around(paths: list[str]) -> str:
    """The one file, or the folder around all of them."""
    try:
        return os.path.commonpath(paths)
    except ValueError:  # on several drives
        return paths[0]
