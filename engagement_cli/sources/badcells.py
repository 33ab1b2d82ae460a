"""Cells that could not be read: which they are, and when there are too many."""

from __future__ import annotations

from polars.exceptions import PolarsError

from engagement_cli.errors import UserError
from engagement_cli.sources.export import Exports

SourceError = (PolarsError, OSError)


def reading_of(exports: Exports, error: Exception) -> Exception:
    """The user's fault behind an error of reading, else the error itself."""
    return error if not isinstance(error, UserError) else error
