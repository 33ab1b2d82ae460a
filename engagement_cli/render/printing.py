"""Lines printed by Rich: wrapped, and with escape codes where there are styles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.text import Text

from engagement_cli.render.layout import Layout
from engagement_cli.render.piece import Piece, Styled

_HEIGHT = 100  # any: without one the terminal is asked at every print


def printed(pieces: Sequence[Piece], layout: Layout) -> str:
    """The lines as text."""
    console = Console(
        file=StringIO(),
        width=layout.width,
        height=_HEIGHT,
        force_terminal=layout.styled,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as captured:
        for piece in pieces:
            if piece.wraps:
                for line in piece.lines:
                    console.print(_text(line))
            else:
                texts = [_text(line) for line in piece.lines]
                for text in texts:
                    text.rstrip()
                console.print(Text("\n").join(texts), soft_wrap=True)
    drawn = captured.get()
    return drawn if layout.styled else re.sub(r" +$", "", drawn, flags=re.MULTILINE)


def _text(line: Styled) -> Text:
    return Text(*line[0]) if len(line) == 1 else Text.assemble(*line)
