"""A sample of every file, and the types that the text cells of a CSV column stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from engagement_cli.sources.headers import Header
from engagement_cli.sources.numbers import as_text
from engagement_cli.sources.scans import common_types, scan

ROWS_A_FILE = 10_000
ROWS_IN_ALL = 200_000
_TOGETHER = 50  # files a scan; planning a union of thousands takes minutes

_WHOLE = r"^[+-]?(?:0|[1-9]\d{0,17})$"
_DECIMAL = r"^[+-]?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d+)?$"
_HAS_DIGIT = r"\d"
_TRUTH = r"^(?i:true|false)$"


def sample(headers: Sequence[Header], columns: Iterable[str] | None = None) -> pl.DataFrame:
    """The first rows of every file: 10,000 each, fewer where there are many files."""
    rows = min(ROWS_A_FILE, max(100, ROWS_IN_ALL // len(headers)))
    types = common_types(headers)
    wanted = list(types) if columns is None else list(columns)
    parts = [
        scan(headers[at : at + _TOGETHER], types, n_rows=rows).select(wanted).collect()
        for at in range(0, len(headers), _TOGETHER)
    ]
    return pl.concat(parts)


def infer_types(frame: pl.DataFrame) -> dict[str, pl.DataType]:
    """What text columns stand for: whole numbers, decimals or true/false where every filled cell is one, else text.

    A column with leading zeros (`0001`) stays text.
    """
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if not texts:
        return dict(frame.schema)
    cells = {name: pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)) for name in texts}
    tests = {
        "filled": {name: cell.is_not_null().any() for name, cell in cells.items()},
        "whole": {name: cell.str.contains(_WHOLE).all() for name, cell in cells.items()},
        "decimal": {
            name: (cell.str.contains(_DECIMAL) & cell.str.contains(_HAS_DIGIT)).all() for name, cell in cells.items()
        },
        "truth": {name: cell.str.contains(_TRUTH).all() for name, cell in cells.items()},
    }
    found = {
        test: frame.select(rule.alias(name) for name, rule in rules.items()).row(0, named=True)
        for test, rules in tests.items()
    }
    types: dict[str, pl.DataType] = dict(frame.schema)
    for name in texts:
        if not found["filled"][name]:
            continue
        if found["whole"][name]:
            types[name] = pl.Int64()
        elif found["decimal"][name]:
            types[name] = pl.Float64()
        elif found["truth"][name]:
            types[name] = pl.Boolean()
    return types


def typed(cell: pl.Expr, own: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    """A cell in its inferred type; null where it is empty or is none of that type."""
    if own != pl.String:
        return cell
    if wanted == pl.Boolean:
        lower = cell.str.to_lowercase()
        return pl.when(lower == "true").then(True).when(lower == "false").then(False)
    if wanted == pl.Float64:
        number = cell.cast(pl.Float64, strict=False)
        return pl.when(number.is_finite()).then(number)
    if wanted == pl.Int64:
        return cell.cast(pl.Int64, strict=False)
    return as_text(cell, own)
