"""Ragged rows: every line of a CSV file must have as many fields as its header."""

from __future__ import annotations

from engagement_cli.sources.export import Export


def check_rows(export: Export) -> None:
    """Raise `UserError` for the first ragged row of every CSV file."""
