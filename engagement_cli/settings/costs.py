"""What campaigns and channels cost, where no export says it.

`costs: {campaign: {spring: 1200, brand: {amount: 800, from: 2025-05-01, until: 2025-07-01}}, channel: {ads: 5000}}`.
Each heading is a full account of what was spent, divided another way: headings are never added together, and the first
one gives the whole.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from engagement_cli.settings.mistakes import SettingError, shown
from engagement_cli.settings.values import Instant, Number, Strict


class Spending(Strict):
    """An amount, and the half-open time over whose days it is spread evenly; without one, it is of the whole range."""

    amount: Annotated[Number, Field(ge=0)]
    start: Instant | None = Field(None, alias="from")
    until: Instant | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> Spending:
        if (self.start is None) != (self.until is None):
            raise ValueError("from: and until: go together; until: is the first day that no longer counts")
        if self.start is not None and self.until is not None and self.start.isoformat() >= self.until.isoformat():
            raise ValueError(f"until: {self.until} does not come after from: {self.start}")
        return self

    @property
    def dated(self) -> bool:
        """Whether it says when it was spent."""
        return self.start is not None


def parse_spending(value: Any) -> Any:
    """A number, `{amount, from, until}`, or a list of these, as the tuple that validates. Raises SettingError."""
    parts = value if isinstance(value, list | tuple) else (value,)
    if not parts:
        raise SettingError("no amount is given", "write a number, or {amount: …, from: …, until: …}")
    found = []
    for part in parts:
        if isinstance(part, dict | Spending):
            found.append(part)
        elif isinstance(part, bool) or not isinstance(part, int | float):
            raise SettingError(f"{shown(part)} is no amount", "write a number, or {amount: …, from: …, until: …}")
        else:
            found.append({"amount": part})
    return tuple(found)


_ONE: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["amount"],
            "properties": {
                "amount": {"type": "number", "minimum": 0},
                "from": {"type": "string"},
                "until": {"type": "string"},
            },
            "dependentRequired": {"from": ["until"], "until": ["from"]},
        },
    ]
}
Spendings = Annotated[
    tuple[Spending, ...],
    BeforeValidator(parse_spending),
    WithJsonSchema({"anyOf": [*_ONE["anyOf"], {"type": "array", "minItems": 1, "items": _ONE}]}),
]
Costs = dict[str, dict[str, Spendings]]
