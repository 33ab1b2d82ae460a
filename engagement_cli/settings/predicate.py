"""SQL predicates and expressions, as far as they can be judged without the export that they read."""

from __future__ import annotations

from typing import Annotated

from pydantic_core import core_schema

from engagement_cli.settings.mistakes import SettingError
from engagement_cli.settings.written import Written


def some_text(value: str) -> str:
    """The text, unless it is empty or blank. Raises SettingError."""
    if not value.strip():
        raise SettingError("the text is empty")
    return value


Predicate = Annotated[
    str,
    Written(
        core_schema.no_info_after_validator_function(some_text, core_schema.str_schema()),
        {"type": "string", "pattern": r"\S"},
    ),
]
