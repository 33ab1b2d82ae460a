"""SQL predicates and expressions, as far as they can be judged without the export that they read."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from engagement_cli.settings.mistakes import SettingError


def some_text(value: str) -> str:
    """The text, unless it is empty or blank. Raises SettingError."""
    if not value.strip():
        raise SettingError("the text is empty")
    return value


Predicate = Annotated[str, AfterValidator(some_text), WithJsonSchema({"type": "string", "pattern": r"\S"})]
