"""How wide and how colourful text may be, asked of the stream that it goes to."""

from __future__ import annotations

import os
from typing import IO, Any

from engagement_cli.records import Record

PLAIN_WIDTH = 120
_ASSUMED = ("FORCE_COLOR", "TTY_COMPATIBLE")  # have a terminal assumed where there is none


class Layout(Record):
    """The width in terminal cells, and whether styles may be used (on a terminal; NO_COLOR leaves bold and dim)."""

    width: int = PLAIN_WIDTH
    styled: bool = False


def plain_layout() -> Layout:
    """Text for a file or a pipe: `COLUMNS` wide, or 120."""
    columns = os.environ.get("COLUMNS", "")
    return Layout(int(columns) if columns.isdecimal() and int(columns) > 0 else PLAIN_WIDTH)


def layout_of(stream: IO[Any]) -> Layout:
    """The layout for a stream: the terminal's own, or plain."""
    if not stream.isatty():
        return plain_layout()
    from rich.console import Console

    console = Console(file=stream)
    return Layout(console.width, styled=not console.is_dumb_terminal)


def is_plain(stream: IO[Any]) -> bool:
    """Whether a stream is no terminal, and nothing has it taken for one."""
    return not stream.isatty() and not any(name in os.environ for name in _ASSUMED)
