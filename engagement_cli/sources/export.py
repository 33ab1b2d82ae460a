"""Exports as opened: files, mapping, types and readings, ready to be scanned."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal

import polars as pl

from engagement_cli.records import Record, field
from engagement_cli.sources.headers import Header
from engagement_cli.sources.instants import Reading
from engagement_cli.sources.mapping import Column
from engagement_cli.sources.timestamps import Zones

_COMPRESSION = 5  # rows of a compressed CSV are guessed at this ratio
_PEEK = 1000  # lines whose length tells that of others


class Export(Record):
    """One source. `raw`: raw columns with the types that SQL sees; `types`: as stored (text in CSV).

    `cell_types` and `readings` are by canonical name: the stored type behind it, and how its instants are written.
    """

    name: str
    headers: tuple[Header, ...]
    columns: Mapping[str, Column]
    raw: Mapping[str, pl.DataType]
    types: Mapping[str, pl.DataType]
    cell_types: Mapping[str, pl.DataType]
    readings: Mapping[str, Reading]
    zones: Zones
    report_zone: str
    dedupe: Literal["none", "id", "row"] = "none"

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, in the order in which they are read."""
        return tuple(header.file for header in self.headers)

    def names(self) -> set[str]:
        """Every name that `where:` and `by:` may use: canonical and property names, and raw columns."""
        return {*self.columns, *self.raw}

    @property
    def date_only(self) -> bool:
        """Whether the main instant of the source (timestamp, date, started) has no time of day in the sample."""
        main = next((f for f in ("timestamp", "date", "started") if f in self.readings), None)
        return main is not None and self.readings[main].date_only

    def schema(self) -> dict[str, pl.DataType]:
        """The types that SQL predicates see under every name."""
        return {**self.raw, **{name: self.sql_type(column) for name, column in self.columns.items()}}

    def sql_type(self, column: Column) -> pl.DataType:
        """The type that SQL sees for a mapped column; instants are wall-clock times of the report's zone."""
        match column.kind:
            case "id" | "text":
                return pl.String()
            case "number":
                return pl.Float64()
            case "instant":
                return pl.Datetime("us")
            case _:
                return self.raw[column.column] if column.column is not None else self.cell_types[column.name]

    @cached_property
    def rows_hint(self) -> int | None:
        """Rows by the Parquet footers, or guessed from file sizes and the length of the first CSV lines."""
        if all(header.rows is not None for header in self.headers):
            return sum(header.rows or 0 for header in self.headers)
        total = 0
        for file in self.files:
            size = file.stat().st_size
            if file.name.lower().endswith(".csv"):
                with file.open("rb") as stream:
                    lengths = [len(line) for line in islice(stream, _PEEK)]
                total += round(size * len(lengths) / sum(lengths)) if lengths else 0
                continue
            length = pl.scan_lines(file, glob=False).head(_PEEK).collect().to_series().str.len_bytes().mean()
            total += round(size * _COMPRESSION / (float(length) + 1)) if isinstance(length, float) else 0
        return total


class Exports(Record):
    """All sources at hand; by source the names of the exclusions that apply, whose SQL `rules` has; and aliases."""

    sources: Mapping[str, Export]
    exclusions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    aliases: pl.DataFrame | None = None  # alias, customer; chains resolved

    def names(self) -> dict[str, set[str]]:
        """By source, every name that `where:` and `by:` may use."""
        return {name: export.names() for name, export in self.sources.items()}
