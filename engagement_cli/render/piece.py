"""Lines of text with their styles, as a page consists of them once it has a width."""

from __future__ import annotations

from typing import TypeAlias

from engagement_cli.records import Record

Styled: TypeAlias = list[tuple[str, str]]  # texts of a line, each with its style


class Piece(Record):
    """Lines that belong together; those that do not fit are wrapped, unless they are made to fit."""

    lines: list[Styled]
    wraps: bool = True
