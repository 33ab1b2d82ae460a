"""The options that every command shares, declared once; `sharing` adds them to a command's own."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engagement_cli.records import Record

_EXPORTS, _TIME, _CHOICE, _OUTPUT, _RUN = "Exports", "Time", "Filter and breakdown", "Output", "Running"
Paths = list[str] | None


# Spelled out, so that help needs no settings; a test keeps it equal to theirs.
StageName = Literal["awareness", "acquisition", "use", "purchase", "support", "loyalty"]
Stage = Annotated[
    StageName | None,
    typer.Option(
        "--stage",
        help="Only the metrics of this stage of the customer's journey.",
        rich_help_panel=_CHOICE,
        show_default=False,
    ),
]


def _paths(what: str) -> Any:
    return typer.Option(metavar="PATH", help=what, rich_help_panel=_EXPORTS, show_default=False)


class Inputs(Record):
    """Where the exports are, and the configuration."""

    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            "-c",
            metavar="FILE",
            help="Configuration; default: engagement.yaml here or in a parent folder, else the packaged catalogue.",
            rich_help_panel=_EXPORTS,
        ),
    ] = None
    events: Annotated[Paths, _paths("Events: file, folder or glob; repeatable.")] = None
    surveys: Annotated[Paths, _paths("Survey answers.")] = None
    subscriptions: Annotated[Paths, _paths("Subscriptions.")] = None
    customers: Annotated[Paths, _paths("Customers.")] = None
    audience: Annotated[Paths, _paths("Followers, reach, mentions by day.")] = None
    sample: Annotated[
        bool,
        typer.Option("--sample", help="Use the sample exports shipped with the program.", rich_help_panel=_EXPORTS),
    ] = False
    map: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE.FIELD=COLUMN",
            help="A mapping: events.customer=user_id; repeatable.",
            rich_help_panel=_EXPORTS,
            show_default=False,
        ),
    ] = None


class Time(Record):
    """What the user says about time."""

    as_of: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Exclusive end of what is complete.", rich_help_panel=_TIME),
    ] = None
    since: Annotated[str | None, typer.Option(metavar="DATE", help="First instant.", rich_help_panel=_TIME)] = None
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Exclusive end.", rich_help_panel=_TIME)] = None
    last: Annotated[
        str | None, typer.Option(metavar="LENGTH", help="A trailing length, such as 90d.", rich_help_panel=_TIME)
    ] = None
    timezone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="IANA zone; default UTC.", rich_help_panel=_TIME)
    ] = None
    week_start: Annotated[
        str | None,
        typer.Option(metavar="WEEKDAY", help="First day of the week; default monday.", rich_help_panel=_TIME),
    ] = None
    every: Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD", help="hour, day, week, month, quarter, or a multiple such as 2d.", rich_help_panel=_TIME
        ),
    ] = None


class Choice(Record):
    """Which rows, and divided how."""

    where: Annotated[
        str | None,
        typer.Option(
            metavar="SQL",
            help="Only rows that match a SQL predicate, in every source that has its columns.",
            rich_help_panel=_CHOICE,
        ),
    ] = None
    by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SEGMENT",
            help="Break down by a segment or column; repeatable.",
            rich_help_panel=_CHOICE,
            show_default=False,
        ),
    ] = None


class Output(Record):
    """How the result is shown, and where."""

    format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="table, json, ndjson, csv, parquet or md; default: the file's ending, else table.",
            rich_help_panel=_OUTPUT,
        ),
    ] = None
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write here instead.", rich_help_panel=_OUTPUT)
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No warnings, no progress.", rich_help_panel=_OUTPUT)] = (
        False
    )
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="More talk on stderr.", rich_help_panel=_OUTPUT)] = (
        False
    )
    no_progress: Annotated[bool, typer.Option("--no-progress", help="No progress bar.", rich_help_panel=_OUTPUT)] = (
        False
    )

    def warn(self, messages: Collection[str]) -> None:
        """Print warnings on stderr, where there are any and they are wanted."""
        if messages and not self.quiet:
            from engagement_cli.render.messages import print_warnings  # what prints is loaded only then

            print_warnings(messages)


class Running(Record):
    """How it is computed; none of it changes a number."""

    engine: Annotated[
        str | None, typer.Option(metavar="ENGINE", help="local (default), or spark.", rich_help_panel=_RUN)
    ] = None
    spark_remote: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Work on the cluster behind Spark Connect: sc://HOST.", rich_help_panel=_RUN),
    ] = None
    spark_master: Annotated[
        str | None,
        typer.Option(metavar="MASTER", help="Start Spark with this master; default: local[*].", rich_help_panel=_RUN),
    ] = None
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="Above it, work waits in temporary files; default: 60 % of free memory.",
            rich_help_panel=_RUN,
        ),
    ] = None
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep what was read of the events there; default: of large exports, in the user's cache folder.",
            rich_help_panel=_RUN,
            show_default=False,
        ),
    ] = None
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Read everything, keep nothing.", rich_help_panel=_RUN)
    ] = False
    cache_by: Annotated[
        Literal["file", "content"],
        typer.Option(
            "--cache-by", help="Files are unchanged by path, size and time, or by content.", rich_help_panel=_RUN
        ),
    ] = "file"
    cache_size: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="What the cache may take; default: 10GB, at most a tenth of the disk that is free.",
            envvar="ENGAGEMENT_CACHE_SIZE",
            show_envvar=True,
            rich_help_panel=_RUN,
        ),
    ] = None
    strict: Annotated[
        bool, typer.Option("--strict", help="Any bad cell, any inconclusive result is a failure.", rich_help_panel=_RUN)
    ] = False


class Options(Record):
    """All shared options of one call."""

    inputs: Inputs
    time: Time
    choice: Choice
    output: Output
    running: Running
