"""Names that a configuration uses, against the names that it or the exports define."""

from __future__ import annotations

from engagement_cli.settings.model import Settings
from engagement_cli.settings.problems import Located, Places


def name_problems(settings: Settings, places: Places) -> list[Located]:
    """Names that no export can make good."""
    return []
