"""A sample of every file, and the types that the text cells of a CSV column stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

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
_TESTS: dict[str, Callable[[pl.Expr], pl.Expr]] = {  # of the filled cells
    "filled": lambda cell: cell.is_not_null().any(),
    "whole": lambda cell: cell.str.contains(_WHOLE).all(),
    "decimal": lambda cell: (cell.str.contains(_DECIMAL) & cell.str.contains(_HAS_DIGIT)).all(),
    "truth": lambda cell: cell.str.contains(_TRUTH).all(),
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
    if not texts:
        return dict(frame.schema)
    soon = _fits(frame.head(_FEW), [(name, test) for name in texts for test in _TESTS])
    # What fits the first rows must fit all; most columns are ruled out by them. A cell that is filled once is filled.
    fits = soon | _fits(frame, [(name, test) for (name, test), fit in soon.items() if fit != (test == "filled")])
    types: dict[str, pl.DataType] = dict(frame.schema)
    for name in texts:
        if not fits[name, "filled"]:
            continue
        if fits[name, "whole"]:
            types[name] = pl.Int64()
        elif fits[name, "decimal"]:
            types[name] = pl.Float64()
        elif fits[name, "truth"]:
            types[name] = pl.Boolean()
    return types


def _fits(frame: pl.DataFrame, asked: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bool]:
    """Which of the columns pass which tests."""
    if not asked:
        return {}
    cell = {name: pl.when(pl.col(name).str.strip_chars() != "").then(pl.col(name)) for name, _ in asked}
    rules = [_TESTS[test](cell[name]).alias(str(i)) for i, (name, test) in enumerate(asked)]
    return dict(zip(asked, frame.select(rules).row(0), strict=True))


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
