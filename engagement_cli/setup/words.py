"""Words of exports as YAML: plain where that is safe, quoted where YAML would read something else."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$./%()+ -]*(?<! )")
# YAML 1.1 and 1.2 read these as something other than text.
_RESERVED = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf", "none"))


def word(text: str) -> str:
    """The text as one YAML scalar that reads back as the same text, on one line."""
    if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED and len(text) <= 200:
        return text
    return f'"{"".join(_escaped(c) for c in text)}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"


def word_list(texts: Iterable[str]) -> str:
    """`[login, "page view"]`."""
    return f"[{', '.join(word(text) for text in texts)}]"


def remark(text: str, limit: int = 80) -> str:
    """A text of an export inside a comment: one line, printable, not too long."""
    line = "".join(c if c.isprintable() else " " for c in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def sql_name(column: str) -> str:
    """A column's name in SQL: in double quotes unless it is a plain word."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", column):
        return column
    return '"' + column.replace('"', '""') + '"'
