"""All that decides how event rows are read, but for the files and what is asked of them, as one short name."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import polars as pl

import engagement_cli
from engagement_cli.sources.exports import Exports

_ROOMS = ("sources", "timeline")  # whose code decides what is kept


def recipe(exports: Exports, ticks_per_second: int) -> str:
    """32 hexadecimal digits: of mapping, types, readings, zones, exclusions, aliases, program and Polars version."""
    export = exports.sources["events"]
    by_name = (export.columns, export.raw, export.types, export.cell_types, export.readings)
    said = [
        engagement_cli.__version__,
        _code(),
        pl.__version__,
        sys.byteorder,
        ticks_per_second,
        *(sorted((name, repr(value)) for name, value in mapping.items()) for mapping in by_name),
        (export.zones, export.report_zone, export.dedupe),
        [(name, exports.rules[name]) for name in exports.exclusions.get("events", ())],
        _aliases(exports.aliases),
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _aliases(aliases: pl.DataFrame | None) -> str:
    if aliases is None:
        return ""
    rows = aliases.sort("alias").hash_rows(seed=3)
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()


@cache
def _code() -> str:
    """A digest of the program's code that reads rows, as far as it lies in files."""
    root = Path(engagement_cli.__file__).parent
    digest = hashlib.sha256()
    for file in sorted(file for room in _ROOMS for file in (root / room).rglob("*.py")):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
