"""Findings as a table that people read: no text is cut, long ones run over several rows."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import polars as pl

from engagement_cli.checks.finding import SEVERITIES, Finding

_NARROWEST = 30
_INDENT = "  "


def folded(findings: Sequence[Finding], width: int) -> pl.DataFrame:
    """Columns severity and finding (what and its code, then where, then the hint) in lines that fit a width."""
    room = max(_NARROWEST, width - len("severity") - 2)
    rows: list[tuple[str, str]] = []
    for finding in findings:
        lines = wrap(f"{finding.what} ({finding.code})", room)
        if finding.where:
            lines += _part("where", finding.where, room)
        if finding.hint:
            lines += _part("hint", finding.hint, room)
        rows += [(finding.severity if at == 0 else "", line) for at, line in enumerate(lines)]
    return pl.DataFrame(rows, schema={"severity": pl.String, "finding": pl.String}, orient="row")


def _part(name: str, text: str, room: int) -> list[str]:
    """Long words are cut where they must be, paths and names otherwise stay whole for copying."""
    indent = _INDENT + " " * (len(name) + 2)
    return wrap(text, room, initial_indent=f"{_INDENT}{name}: ", subsequent_indent=indent, break_on_hyphens=False)


def summary(findings: Sequence[Finding]) -> str:
    """`2 errors, 1 warning, 3 notes`."""
    words = {"error": "error", "warning": "warning", "info": "note"}
    counts = {severity: sum(f.severity == severity for f in findings) for severity in SEVERITIES}
    parts = [f"{n} {words[severity]}{'' if n == 1 else 's'}" for severity, n in counts.items() if n]
    return ", ".join(parts) if parts else "Nothing to remark."
