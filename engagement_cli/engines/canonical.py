"""Values as text that is equal where they are, in every process: what is kept of a plan is found by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from types import FunctionType, MethodType, ModuleType

import polars as pl
from pydantic import BaseModel

from engagement_cli.records import Record, items


def canonical(value: object) -> str:
    """The text of plain values, models, records, collections of them, data types, modules and functions by name.

    Raises `TypeError` for anything else, as what it is may not show.
    """
    match value:
        case None | bool() | int() | float() | str() | bytes() | date() | timedelta() | Decimal() | PurePath() | Enum():
            return repr(value)
        case pl.DataType():
            return repr(value)
        case re.Pattern():
            return f"Pattern({value.pattern!r}, {value.flags})"
        case Mapping():
            return "{" + ",".join(sorted(f"{canonical(k)}:{canonical(v)}" for k, v in value.items())) + "}"
        case AbstractSet():
            return "{" + ",".join(sorted(canonical(item) for item in value)) + "}"
        case list() | tuple():
            return "[" + ",".join(canonical(item) for item in value) + "]"
        case BaseModel():
            names = [*type(value).model_fields, *(value.model_extra or {})]
            return type(value).__qualname__ + canonical({name: getattr(value, name) for name in names})
        case Record():
            return type(value).__qualname__ + canonical(dict(items(value)))
        case ModuleType():
            return value.__name__
        case type() | FunctionType() | MethodType():
            return f"{value.__module__}.{value.__qualname__}"
    raise TypeError(f"{type(value).__qualname__} has no canonical text")
