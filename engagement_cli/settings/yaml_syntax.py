"""What a YAML parser complains about, in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from engagement_cli.errors import Problem
from engagement_cli.settings.places import Place

_SYNTAX = (
    (r"single document", "the file holds several documents (---); a configuration is one", None),
    (r"undefined alias", "an alias (*name) has no anchor (&name) before it", None),
    (r"special characters|control characters", "the file holds a control character", None),
    (r"mapping values are not allowed", "a colon stands where none can", "put text that holds ': ' in quotes"),
    (r"quoted scalar", "a quotation mark is not closed", None),
    (r"flow (mapping|sequence|node)|node content", "a bracket is not closed, or a comma is missing", None),
    (r"cannot start any token", "a character stands where none like it can", "put text with % @ ` | > in quotes"),
    (r"block (mapping|collection|sequence)", "the indentation does not fit the lines above", None),
    (r"expected ':'|simple key", "a key without its colon", "write key: value"),
)


def syntax_problem(error: yaml.YAMLError, text: str, file: Path) -> Problem:
    """A parser's complaint in plain words, with its line."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = 1 if mark is None else min(mark.line, max(text.count("\n"), 0)) + 1
    lines = text.splitlines()
    nearby = lines[line - 1] if line <= len(lines) else ""
    said = f"{getattr(error, 'context', '') or ''} {getattr(error, 'problem', '') or ''} {error}"
    where = str(Place(file, line))
    if re.match(r"\s*\t", nearby):
        return Problem("a tab stands in the indentation", where, "indent with spaces")
    opening = getattr(error, "context_mark", None)
    if re.search("quoted scalar|simple key", said) and opening is not None:
        where = str(Place(file, opening.line + 1))
    for pattern, what, hint in _SYNTAX:
        if re.search(pattern, said):
            return Problem(what, where, hint)
    return Problem(f"this is no valid YAML: {getattr(error, 'problem', None) or 'the parser gave up'}", where)
