"""The small words of the configuration's language: durations, grains, shares, predicates and selections of events."""

from __future__ import annotations

import math
import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import core_schema

from engagement_cli.records import Record
from engagement_cli.settings.mistakes import SettingError, shown
from engagement_cli.settings.predicate import Predicate
from engagement_cli.settings.written import Written, parsed

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([smhdw])")
_PERCENTAGE = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?) ?%")
_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")
_GRAIN_UNITS = {"h": "hour", "d": "day", "w": "week", "mo": "month", "q": "quarter"}
_GRAIN = re.compile(r"([1-9][0-9]*)(h|d|w|mo|q)")
FIRST_YEAR, LAST_YEAR = 1900, 2261  # as in exports; nanoseconds end in 2262
GRAIN_NAMES = ("hour", "day", "week", "month", "quarter", "total")


def _frozen(value: object) -> object:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


class Strict(BaseModel):
    """A mapping of the configuration: unknown keys are errors, kinds are not coerced, nothing changes later.

    Lists become tuples, so that every `tuple[…]` field takes a YAML list. What validates is made when something is
    first to be validated: what ships is kept ready.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _lists_are_tuples(cls, data: Any) -> Any:
        return {key: _frozen(value) for key, value in data.items()} if isinstance(data, dict) else data


def parse_duration(value: Any) -> timedelta:
    """`30m`, `36h`, `14d`, `4w` as a `timedelta`; a day is 24 hours. Raises SettingError for anything else."""
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise SettingError(
            f"{shown(value)} is no duration", "write a number and one of s, m, h, d, w, such as 30m or 14d"
        )
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds <= 0 or seconds > 3_153_600_000:
        raise SettingError(f"{shown(value)} is no usable duration", "it must be more than zero and at most 100 years")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """The shortest way to write a duration so that `parse_duration` reads it back: 14d, 36h, 90s."""
    seconds = value.total_seconds()
    for unit in ("d", "h", "m"):
        if seconds % _SECONDS[unit] == 0:
            return f"{int(seconds // _SECONDS[unit])}{unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


Duration = Annotated[
    timedelta,
    Written(
        parsed(parse_duration, format_duration),
        {"type": "string", "pattern": f"^{_DURATION.pattern}$", "examples": ["30m", "14d"]},
    ),
]


class Grain(Record):
    """Length of a period: `count` units of hour, day, week, month or quarter; or `total`, the whole range."""

    unit: str
    count: int = 1

    def __str__(self) -> str:
        """`week`, or for multiples `2 weeks`' short form `2w`."""
        if self.count == 1:
            return self.unit
        return f"{self.count}{next(short for short, name in _GRAIN_UNITS.items() if name == self.unit)}"

    @property
    def words(self) -> str:
        """`every week`, `every 2 weeks`, `over the whole range`."""
        if self.unit == "total":
            return "over the whole range"
        return f"every {self.unit}" if self.count == 1 else f"every {self.count} {self.unit}s"


def parse_grain(value: Any) -> Grain:
    """`day`, `week`, … or a multiple such as `2d`, `6h`, `2mo`. Raises SettingError for anything else."""
    if isinstance(value, Grain):
        return value
    if isinstance(value, str):
        if value in GRAIN_NAMES:
            return Grain(value)
        match = _GRAIN.fullmatch(value)
        if match:
            return Grain(_GRAIN_UNITS[match[2]], int(match[1]))
    raise SettingError(
        f"{shown(value)} is no period", f"write one of {', '.join(GRAIN_NAMES)}, or a multiple such as 2d or 6h"
    )


Every = Annotated[
    Grain,
    Written(parsed(parse_grain, str), {"type": "string", "pattern": f"^({'|'.join(GRAIN_NAMES)}|{_GRAIN.pattern})$"}),
]


def parse_number(value: Any) -> float:
    """A number, or a percentage such as `70%` (0.7). Raises SettingError for anything else, and for infinities."""
    if isinstance(value, str) and (match := _PERCENTAGE.fullmatch(value)):
        return float(match[1]) / 100
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        quoted = isinstance(value, str) and _NUMBER.fullmatch(value)
        raise SettingError(f"{shown(value)} is no number or percentage", "write it without quotes" if quoted else None)
    return float(value)


def parse_share(value: Any) -> float:
    """A share in [0, 1], as `70%` or `0.7`; `70` is refused. Raises SettingError."""
    number = parse_number(value)
    if not 0 <= number <= 1:
        raise SettingError(f"{shown(value)} is no share", "write 70% or 0.7")
    return number


_PERCENT: dict[str, list[dict[str, Any]]] = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^{_PERCENTAGE.pattern}$"}]
}
Number = Annotated[float, Written(parsed(parse_number), _PERCENT)]
_SHARE = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, _PERCENT["anyOf"][1]]}
Share = Annotated[float, Written(parsed(parse_share), _SHARE)]


def parse_instant(value: Any) -> date | datetime:
    """A date or an ISO 8601 instant. A date means local midnight in the configured zone. Raises SettingError."""
    moment = value if isinstance(value, date) else None
    if isinstance(value, str):
        with suppress(ValueError):
            moment = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if moment is None:
        raise SettingError(f"{shown(value)} is no date", "write 2025-06-30 or 2025-06-30T12:00:00+02:00")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise SettingError(f"{shown(value)} is out of range", f"years run from {FIRST_YEAR} to {LAST_YEAR}")
    return moment


Instant = Annotated[
    date | datetime,
    Written(
        parsed(parse_instant, lambda instant: instant.isoformat()),
        {"type": "string", "examples": ["2025-06-30", "2025-06-30T12:00:00+02:00"]},
    ),
]


class Selection(Strict):
    """Which rows count: any of the named events, and/or a SQL predicate over the row's columns.

    Written as an event name, a list of names, `sql: <predicate>`, or a mapping with `events` and/or `where`.
    Neither given: every row.
    """

    events: tuple[str, ...] | None = None
    where: Predicate | None = None

    # Selections are keys of what a bucket's metrics share: compared thousands of times, by what Pydantic does slowly.
    def __eq__(self, other: object) -> bool:
        """Whether they take the same events under the same predicate."""
        return self is other or (
            isinstance(other, Selection) and self.events == other.events and self.where == other.where
        )

    def __hash__(self) -> int:
        """By events and predicate."""
        return hash((self.events, self.where))

    def __str__(self) -> str:
        """In words, for tables and messages: `purchase`, `video or review where …`."""
        names = " or ".join(self.events) if self.events is not None else ""
        if self.where is None:
            return names or "any event"
        return f"{names} where {self.where}".strip()


def parse_selection(value: Any) -> Any:
    """Any written form of a selection as the mapping that `Selection` validates."""
    if isinstance(value, Selection):
        return value
    if isinstance(value, str):
        if value.startswith("sql:"):
            return {"where": value[4:].strip()}
        return {"events": (value,)}
    if isinstance(value, list | tuple):
        return {"events": tuple(value)}
    if isinstance(value, dict):
        value = dict(value)
        if "event" in value and "events" not in value:
            value["events"] = value.pop("event")
        if isinstance(value.get("events"), str):
            value["events"] = (value["events"],)
        elif isinstance(value.get("events"), list):
            value["events"] = tuple(value["events"])
        if value.keys() <= {"events", "where"} and all(part is None for part in value.values()):
            raise SettingError("a selection needs events: or where:")
        return value
    raise SettingError(
        f"{shown(value)} selects no events",
        "put the event's name in quotes"
        if isinstance(value, int | float)
        else "write a name, a list of names, or a mapping with events: and/or where:",
    )


_SELECTION_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"type": "string"}},
        {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                "event": {"type": "string"},
                "events": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
                "where": {"type": "string", "pattern": r"\S"},
            },
        },
    ]
}
Select = Annotated[Selection, BeforeValidator(parse_selection), WithJsonSchema(_SELECTION_SCHEMA)]


def as_tuple(value: Any) -> Any:
    """A YAML list as a tuple, a lone word as a tuple of one (tuples keep settings frozen and hashable)."""
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, str):
        return (value,)
    return value


Names = Annotated[
    tuple[str, ...],
    Written(
        core_schema.no_info_before_validator_function(
            as_tuple, core_schema.tuple_variable_schema(core_schema.str_schema())
        ),
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    ),
]
