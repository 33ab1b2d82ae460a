"""Where a document goes: a file, or stdout, which is for data alone."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from typing import IO

from engagement_cli.errors import UserError
from engagement_cli.render.documents import Document
from engagement_cli.render.files import write_file
from engagement_cli.render.formats import BINARY, FORMATS, Format, choose_format
from engagement_cli.render.layout import layout_of, plain_layout


def write(document: Document, format_name: str | None = None, out: Path | None = None) -> None:
    """Write a document in a format to a file, or to stdout (also for `-`).

    Without a format the file's ending chooses it, else it is a table. A file is written whole or not at all.
    Raises UserError (2) for an unknown format or a place that cannot be written; BrokenPipeError passes through.
    """
    target = None if out is None or str(out) == "-" else out
    name = choose_format(format_name, target)
    if target is None:
        _write_stdout(document, name, FORMATS[name])
        return

    def fill(stream: IO[bytes]) -> None:
        FORMATS[name](document, stream, plain_layout())

    write_file(target, fill)


def _write_stdout(document: Document, name: str, render: Format) -> None:
    if name in BINARY and sys.stdout.isatty():
        raise UserError(f"{name} is not for a terminal", hint="add --out FILE, or pipe it")
    buffer = BytesIO()
    render(document, buffer, layout_of(sys.stdout))
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(buffer.getvalue())
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UserError(f"cannot write to stdout: {error.strerror or error}") from error
