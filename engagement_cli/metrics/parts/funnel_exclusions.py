"""The events that must not come between two steps of a funnel, and how they are written."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from engagement_cli.settings.values import Selection, parse_selection

_BETWEEN = re.compile(r"(.+):([0-9]+):([0-9]+)", re.DOTALL)


class Exclusion(Selection):
    """Events that drop a customer where they lie strictly between two steps (from 1), by default first and last."""

    from_: Annotated[int | None, Field(alias="from")] = None
    to: int | None = None

    @property
    def selection(self) -> Selection:
        """The rows that must not come between."""
        return Selection(events=self.events, where=self.where)

    def between(self, steps: int) -> tuple[int, int]:
        """The two steps."""
        return 1 if self.from_ is None else self.from_, steps if self.to is None else self.to


def parse_exclusion(value: Any) -> Any:
    """`EVENT`, `EVENT:FROM:TO`, `sql: …` or a mapping with event:, where:, from:, to:, as `Exclusion` validates it."""
    between: dict[str, Any] = {}
    if isinstance(value, str) and (match := _BETWEEN.fullmatch(value)):
        value, between = match[1], {"from": int(match[2]), "to": int(match[3])}
    elif isinstance(value, dict):
        between = {key: value[key] for key in ("from", "to") if key in value}
        value = {key: part for key, part in value.items() if key not in between}
    if isinstance(value, Exclusion):
        return value
    return {**parse_selection(value), **between}


_EXCLUSION_SCHEMA = {
    "anyOf": [
        {"type": "string", "examples": ["refund", "refund:1:2"]},
        {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                "event": {"type": "string"},
                "events": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
                "where": {"type": "string", "pattern": r"\S"},
                "from": {"type": "integer", "minimum": 1},
                "to": {"type": "integer", "minimum": 2},
            },
        },
    ]
}
Excluded = Annotated[Exclusion, BeforeValidator(parse_exclusion), WithJsonSchema(_EXCLUSION_SCHEMA)]
