"""Where the exports are and which of their columns mean what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from engagement_cli.settings.mistakes import SettingError, shown
from engagement_cli.settings.predicate import Predicate
from engagement_cli.settings.units import Zone
from engagement_cli.settings.values import Duration, Instant, Names, Strict


class Sql(Strict):
    """A column computed from the export's own columns."""

    sql: Predicate


def parse_column(value: object) -> str | Sql:
    """A column's name, or `{sql: <expression>}`, also written `sql: <expression>`. Raises SettingError."""
    if isinstance(value, Sql):
        return value
    if isinstance(value, str) and value:
        return Sql(sql=value[4:].strip()) if value.startswith("sql:") else value
    if isinstance(value, dict) and value.keys() == {"sql"} and isinstance(value["sql"], str):
        return Sql(sql=value["sql"])
    hint = "write the column's name, in quotes if it is a number, or {sql: <expression>}"
    raise SettingError(f"{shown(value)} names no column", hint)


Column = Annotated[
    str | Sql,
    PlainValidator(parse_column),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "properties": {"sql": {"type": "string"}},
                    "required": ["sql"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
Columns = dict[str, Column]


def _some_path(path: tuple[str, ...]) -> tuple[str, ...]:
    if not path or not all(path):
        raise SettingError("no path is given", "write a file, a list of files, a folder or a glob")
    return path


class Source(Strict):
    """One source: its files and the mapping from our names to their columns or SQL expressions."""

    path: Annotated[Names, AfterValidator(_some_path)]
    columns: Columns = Field(default_factory=dict)
    timezone: Zone | None = Field(
        None, description="of timestamps without an offset; default: the report's zone is not assumed, UTC is"
    )
    max_age: Duration | None = None


class EventSource(Source):
    """The events source: besides, how duplicates are found and how far the export is complete."""

    dedupe: Literal["none", "id", "row"] = "none"
    complete_through: Instant | None = None


class Sources(Strict):
    """The six sources; each is optional."""

    events: EventSource | None = None
    surveys: Source | None = None
    subscriptions: Source | None = None
    customers: Source | None = None
    audience: Source | None = None
    identities: Source | None = None


class Exclusion(Strict):
    """Rows to leave out, from each source that has all columns of the predicate; counted in the waterfall."""

    where: Predicate
