"""The files of a source → one lazy scan with the same columns, CSV cells as text, Parquet in its own types."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from itertools import islice

import polars as pl

from engagement_cli.errors import Problem
from engagement_cli.sources.headers import Header, open_bytes

_BEYOND_INT64 = {pl.UInt64(), pl.Int128(), pl.UInt128()}


def same_columns(source: str, headers: Sequence[Header]) -> Problem | None:
    """What differs between the files of one source: format, column names, kinds of type; None if nothing does."""
    first = headers[0]
    for other in headers[1:]:
        if (first.delimiter is None) != (other.delimiter is None):
            return Problem(
                f"{first.file.name} and {other.file.name} are of two formats",
                source,
                "give the files of one source in one format",
            )
        missing, extra = sorted(set(first.names) - set(other.names)), sorted(set(other.names) - set(first.names))
        if missing or extra:
            parts = [f"lacks {', '.join(missing)}"] if missing else []
            parts += [f"has {', '.join(extra)} besides"] if extra else []
            return Problem(
                f"the columns differ: {other.file} {' and '.join(parts)}, compared with {first.file}",
                str(other.file),
                "all files of one source need the same columns",
            )
        theirs = dict(other.columns)
        for name, dtype in first.columns:
            if dtype != pl.Null and theirs[name] != pl.Null and family(dtype) != family(theirs[name]):
                return Problem(
                    f"column {name!r} is {family(theirs[name])} in {other.file}, {family(dtype)} in {first.file}",
                    f"{other.file}, column {name}",
                    "all files of one source need the same types",
                )
    return None


def family(dtype: pl.DataType) -> str:
    """Types that may differ between the files of one source without harm share a family."""
    if dtype.is_integer():
        return "whole numbers"
    if dtype.is_numeric():
        return "decimals"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if isinstance(dtype, pl.Datetime):
        return "times without a zone" if dtype.time_zone is None else "times with a zone"
    return str(dtype).lower()


def common_types(headers: Sequence[Header]) -> dict[str, pl.DataType]:
    """The type of every column over all files: the widest of its family; categories are text."""
    types: dict[str, pl.DataType] = {}
    for header in headers:
        for name, dtype in header.columns:
            own: pl.DataType = pl.String() if family(dtype) == "text" else dtype
            types[name] = own if name not in types else _wider(types[name], own)
    return types


def _wider(one: pl.DataType, other: pl.DataType) -> pl.DataType:
    if other in (one, pl.Null):
        return one
    if one == pl.Null:
        return other
    if isinstance(one, pl.Datetime) and isinstance(other, pl.Datetime):
        zone = "UTC" if one.time_zone else None
        return pl.Datetime("ns", zone) if "ns" in (one.time_unit, other.time_unit) else pl.Datetime("us", zone)
    if not one.is_integer():
        return pl.Float64()
    return pl.Int128() if {one, other} & _BEYOND_INT64 else pl.Int64()


def scan(
    headers: Sequence[Header],
    types: Mapping[str, pl.DataType] | None = None,
    n_rows: int | None = None,
    position: str | None = None,
) -> pl.LazyFrame:
    """All rows of the files in `types` (default: those common to the files), lazily.

    `n_rows` limits each file; `position` adds its row number, 0 first.

    Files with the same header are one scan; groups are put together by column name.
    """
    types = common_types(headers) if types is None else types
    groups: dict[tuple[object, ...], list[Header]] = {}
    for header in headers:
        alone = (header.file, header.only) if n_rows is not None or position is not None or header.only else None
        groups.setdefault((header.columns, header.delimiter, header.blank_end, alone), []).append(header)
    frames = [
        _scan_alike(group, n_rows, position).select(
            *([position] if position else []),
            *(_cast(name, dict(group[0].columns)[name], types[name]) for name in types),
        )
        for group in groups.values()
    ]
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="vertical")


def _cast(name: str, dtype: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    if dtype == wanted:
        return pl.col(name)
    return pl.col(name).cast(wanted, strict=not isinstance(wanted, pl.Datetime))  # years that nanoseconds cannot hold


def _scan_alike(group: Sequence[Header], n_rows: int | None, position: str | None) -> pl.LazyFrame:
    files = [header.file for header in group]
    first = group[0]
    if first.delimiter is None:
        rows = pl.scan_parquet(files, glob=False, n_rows=n_rows, row_index_name=position, hive_partitioning=False)
        return rows if first.only is None else rows.slice(*first.only)
    frame = pl.scan_csv(
        files if n_rows is None else _first_rows(first, n_rows) or files,
        separator=first.delimiter,
        infer_schema=False,
        new_columns=list(first.names),  # Polars leaves doubled quotes in names
        glob=False,
        n_rows=n_rows,
        row_index_name=position,
    )
    if first.blank_end:  # a blank line at the end is no row
        frame = frame.filter(~pl.all_horizontal(pl.col(first.names).is_null()))
    return frame


def _first_rows(header: Header, n_rows: int) -> bytes | None:
    """The header and first rows of a CSV file, where every line is one; Polars would look through much more of it."""
    if header.file.name.lower().endswith(".zst"):
        return None
    try:
        with open_bytes(header.file) as stream:
            lines = b"".join(islice(stream, n_rows + 1))
    except (OSError, EOFError, zlib.error):
        return None
    return None if b'"' in lines else lines
