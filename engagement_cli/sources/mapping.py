"""Which column, or which SQL, stands behind every canonical field and property of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engagement_cli.errors import Problem, UserError, did_you_mean
from engagement_cli.records import Record
from engagement_cli.settings.sources import Sql
from engagement_cli.sources.fields import FIELDS, REQUIRED, SOURCES, Kind, kind_of
from engagement_cli.sources.predicates import check_names
from engagement_cli.sources.recognise import candidates, recognised_names


class Column(Record):
    """What a canonical field or property reads: a column of the export, or SQL over its columns."""

    name: str
    kind: Kind
    column: str | None = None
    sql: str | None = None


class Decision(Record):
    """The columns decided, and what is wrong: `usage` in what was written, `structure` in the files."""

    columns: dict[str, Column]
    usage: tuple[Problem, ...]
    structure: tuple[Problem, ...]


def parse_maps(maps: Sequence[str]) -> dict[str, dict[str, str | Sql]]:
    """`events.customer=user_id` … → source → field → column or SQL. Raises `UserError` with all that is wrong."""
    result: dict[str, dict[str, str | Sql]] = {}
    problems: list[Problem] = []
    for written in maps:
        left, equals, column = written.partition("=")
        source, dot, field = left.strip().partition(".")
        where = f"--map {written}"
        if not (equals and dot and field and column.strip()):
            problems.append(Problem("a mapping reads SOURCE.FIELD=COLUMN", where, "--map events.customer=user_id"))
        elif source not in SOURCES:
            problems.append(Problem(f"no source is called {source!r}", where, did_you_mean(source, SOURCES)))
        elif field in result.get(source, {}):
            problems.append(Problem(f"{source}.{field} is mapped twice", where, "give one --map a field"))
        elif column.strip() == "sql:":
            problems.append(Problem("the SQL is empty", where, f"--map {source}.{field}=sql:EXPRESSION"))
        else:
            value = column.strip()
            result.setdefault(source, {})[field] = Sql(sql=value[4:].strip()) if value.startswith("sql:") else value
    if problems:
        raise UserError(problems)
    return result


def decide(
    source: str, configured: Mapping[str, str | Sql], mapped: Mapping[str, str | Sql], raw: Sequence[str]
) -> Decision:
    """The columns of a source from its configuration, `--map`, and recognised names, in this order of force."""
    explicit = {**configured, **mapped}
    columns: dict[str, Column] = {}
    usage: list[Problem] = []
    structure: list[Problem] = []
    for field, value in explicit.items():
        where = f"--map {source}.{field}" if field in mapped else f"sources.{source}.columns.{field}"
        if isinstance(value, Sql):
            try:
                check_names(value.sql, raw, where)
            except UserError as error:
                usage.extend(error.problems)
            columns[field] = Column(field, kind_of(source, field), sql=value.sql)
            continue
        if value not in raw:
            usage.append(Problem(f"{source} has no column {value!r}", where, did_you_mean(value, raw)))
        columns[field] = Column(field, kind_of(source, field), column=value)
    usage.extend(_read_twice(source, columns))
    taken = {c.column for c in columns.values() if c.kind != "property"}
    for field in FIELDS[source]:
        if field in columns:
            continue
        hits = candidates(source, field, [c for c in raw if c not in taken])
        if len(hits) == 1:
            columns[field] = Column(field, kind_of(source, field), column=hits[0])
            taken.add(hits[0])
        elif hits:
            structure.append(_several(source, field, hits))
    for field in REQUIRED[source]:
        if field not in columns and not any(f"{source}.{field} " in p.what for p in structure):
            structure.append(_missing(source, field, raw))
    return Decision(columns, tuple(usage), tuple(structure))


def _read_twice(source: str, columns: Mapping[str, Column]) -> list[Problem]:
    readers: dict[str, list[str]] = {}
    for column in columns.values():
        if column.column is not None and column.kind != "property":
            readers.setdefault(column.column, []).append(column.name)
    return [
        Problem(
            f"column {name!r} is mapped twice: to {' and '.join(fields)}",
            f"sources.{source}.columns",
            "map every field to a column of its own",
        )
        for name, fields in readers.items()
        if len(fields) > 1
    ]


def _several(source: str, field: str, hits: Sequence[str]) -> Problem:
    return Problem(
        f"{source}.{field} could be {' or '.join(repr(h) for h in hits)}",
        source,
        f"say which: --map {source}.{field}={hits[0]}",
    )


def _missing(source: str, field: str, raw: Sequence[str]) -> Problem:
    example = "sql:'purchase'" if field == "event" else "COLUMN"
    understood = ", ".join(recognised_names(source, field)[:6])
    return Problem(
        f"no column of {source} is recognised as its {field}; it has: {', '.join(raw)}",
        source,
        f'understood are {understood} …; else write --map "{source}.{field}={example}"',
    )
