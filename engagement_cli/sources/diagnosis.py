"""What is wrong with a file whose reading failed."""

from __future__ import annotations

from collections.abc import Sequence

from engagement_cli.errors import UserError
from engagement_cli.sources.headers import Header


def diagnose_files(headers: Sequence[Header]) -> UserError | None:
    """The fault of the first faulty file; None where all can be read."""
    return None
