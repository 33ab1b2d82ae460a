"""A sample of every file, and the types that the text cells of a CSV column stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from engagement_cli.sources.headers import Header
from engagement_cli.sources.numbers import as_text
from engagement_cli.sources.scans import common_types, scan

ROWS_A_FILE = 10_000
ROWS_IN_ALL = 200_000
_TOGETHER = 50  # files a scan; planning a union of thousands takes minutes

# Digits are [0-9]: a pattern of all digits that Unicode knows takes long to compile, and no number is read of others.
_WHOLE = r"^[+-]?(?:0|[1-9][0-9]{0,17})$"
_DECIMAL = r"^[+-]?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?$"
_HAS_DIGIT = r"[0-9]"
_TRUTH = r"^(?i:true|false)$"
_PATTERNS: dict[str, tuple[tuple[str, ...], pl.DataType]] = {  # all filled cells of a column fit all of them
    "whole": ((_WHOLE,), pl.Int64()),
    "decimal": ((_DECIMAL, _HAS_DIGIT), pl.Float64()),
    "truth": ((_TRUTH,), pl.Boolean()),
}
_FEW = 100


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
    asked = [(name, kind) for name in texts for kind in _likely(frame[name].head(_FEW))]
    if not asked:
        return dict(frame.schema)
    fits = frame.select(_fits(name, kind).alias(str(i)) for i, (name, kind) in enumerate(asked)).row(0)
    found = {name: _PATTERNS[kind][1] for (name, kind), fit in reversed([*zip(asked, fits, strict=True)]) if fit}
    return dict(frame.schema) | found  # of several kinds that fit the first


def _likely(cells: pl.Series) -> list[str]:
    """The kinds that a column may be, judged by a peek at its first cells, which rule out most."""
    filled = [cell for cell in cells.to_list() if cell is not None and cell.strip()]
    return [
        kind
        for kind, (patterns, _) in _PATTERNS.items()
        if all(re.search(pattern, cell) for cell in filled for pattern in patterns)
    ]


def _fits(name: str, kind: str) -> pl.Expr:
    """Whether a column has filled cells, and all of them are of a kind."""
    cell = pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name))
    every = pl.all_horizontal(cell.str.contains(pattern) for pattern in _PATTERNS[kind][0]).all()
    return cell.is_not_null().any() & every


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
