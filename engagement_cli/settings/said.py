"""Models in plain values, as a configuration may say them: what Pydantic gives too, once it has made what it takes."""

from __future__ import annotations

from collections.abc import Container
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel

from engagement_cli.settings.values import Grain, format_duration


def said(value: object) -> Any:
    """A value of a validated model as JSON has it. Raises `TypeError` for a kind that no configuration holds."""
    match value:
        case None | str() | int() | float():
            return value
        case BaseModel():
            return fields_said(value)
        case tuple() | list():
            return [said(item) for item in value]
        case dict():
            return {key: said(item) for key, item in value.items()}
        case timedelta():
            return format_duration(value)
        case date():
            return value.isoformat()
        case Grain():
            return str(value)
    raise TypeError(f"{type(value).__name__} stands in no configuration")


def fields_said(model: BaseModel, *, without: Container[str] = ()) -> dict[str, Any]:
    """A model's fields by the keys of the language, without some of them."""
    fields = type(model).model_fields.items()
    return {info.alias or name: said(getattr(model, name)) for name, info in fields if name not in without}
