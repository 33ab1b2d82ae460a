"""Words that come from exports, made safe to print: no control characters, no line breaks."""

from __future__ import annotations

import re

from rich.cells import cell_len, chop_cells, set_cell_size

_SPACES = re.compile(r"[\t\n\r\v\f\x85\u2028\u2029]+")
# C0 and C1 controls steer the terminal; bidirectional marks reorder what stands beside them.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def safe(text: str) -> str:
    """The text on one line, with control characters shown as U+FFFD instead of obeyed."""
    return _CONTROLS.sub("\ufffd", _SPACES.sub(" ", text))


def shortened(text: str, width: int) -> str:
    """The text in at most `width` terminal cells, with an ellipsis where something is left out."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(width - 1, 0)).rstrip() + "…" if width > 0 else ""


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` terminal cells, broken between words where it can be; at least one line."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        *full, rest = chop_cells(word, max(width, 2)) or [""]
        lines[-1:] = [*full, rest]
    return lines


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text filled with spaces to `width` terminal cells, on its left where it is aligned `right`."""
    space = " " * max(width - cell_len(text), 0)
    return space + text if right else text + space


def plural(count: int, one: str) -> str:
    """`1 row`, `2 rows`, `1,234 rows`."""
    return f"{count:,} {one if count == 1 else one + 's'}"
