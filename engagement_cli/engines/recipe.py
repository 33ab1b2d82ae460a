"""All that decides how event rows are read, but for the files and what is asked of them, as one short name."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import polars as pl

import engagement_cli
from engagement_cli.sources.exports import Exports

_READING = ("sources", "timeline")  # rooms whose code decides what is kept of events


def recipe(exports: Exports, ticks_per_second: int) -> str:
    """32 hexadecimal digits: of mapping, types, readings, zones, exclusions, aliases, program and Polars version."""
    return digest([*_program(_READING), ticks_per_second, _read("events", exports)])


def whole_recipe(exports: Exports) -> list[object]:
    """The same of every source, and of all the program's code."""
    return [*_program(("",)), [_read(name, exports) for name in sorted(exports.sources)]]


def digest(said: object) -> str:
    """32 hexadecimal digits that stand for what is said."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _read(name: str, exports: Exports) -> list[object]:
    export = exports.sources[name]
    by_name = (export.columns, export.raw, export.types, export.cell_types, export.readings)
    return [
        name,
        *(sorted((key, repr(value)) for key, value in mapping.items()) for mapping in by_name),
        (export.zones, export.report_zone, export.dedupe),
        [(rule, exports.rules[rule]) for rule in exports.exclusions.get(name, ())],
        _aliases(exports.aliases),
    ]


def _program(rooms: tuple[str, ...]) -> list[object]:
    return [engagement_cli.__version__, _code(rooms), pl.__version__, sys.byteorder]


def _aliases(aliases: pl.DataFrame | None) -> str:
    if aliases is None:
        return ""
    return digest(aliases.sort("alias").hash_rows(seed=3).to_numpy().tobytes())


@cache
def _code(rooms: tuple[str, ...]) -> str:
    """A digest of the program's code in some of its folders, as far as it lies in files."""
    root = Path(engagement_cli.__file__).parent
    found = hashlib.sha256()
    for file in sorted(file for room in rooms for file in (root / room).rglob("*.py")):
        found.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()
