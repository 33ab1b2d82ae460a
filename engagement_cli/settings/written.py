"""How a value of the configuration is written, as one annotation of its type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema


class Written:
    """A ready schema by which Pydantic validates a value, and the JSON Schema that editors are told.

    Most fields are written in a few ways: to work out the schema of each anew took a fifth of the making of models.
    """

    def __init__(self, validated: CoreSchema, told: dict[str, Any]) -> None:
        self._validated, self._told = validated, told

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema for Pydantic; a copy, as constraints are added."""
        return {**self._validated}

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema; a copy, as title and default are added."""
        return {**self._told}


def parsed(parse: Callable[[Any], Any], write: Callable[[Any], Any] | None = None) -> CoreSchema:
    """Whatever `parse` makes of a value, or its SettingError; `write` gives what was written, if it is not the same."""
    written = None if write is None else core_schema.plain_serializer_function_ser_schema(write)
    return core_schema.no_info_plain_validator_function(parse, serialization=written)
