"""What is wrong with a file whose reading failed half way: a slow, exact look at every file, only on failure."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import UserError, input_error
from engagement_cli.sources.export import Exports
from engagement_cli.sources.headers import Header, read_header
from engagement_cli.sources.structure import check_rows, stray_quote, unreadable

_CAST = re.compile(r"conversion from `?(\w+)`? to `?(\w+)`? failed.*?values: \[(.*?)\]", re.DOTALL)


def diagnose(exports: Exports, error: Exception) -> Exception:
    """The user's fault behind an error that Polars raised while reading; the error itself where it is none.

    Write `raise diagnose(exports, error) from error`.
    """
    if isinstance(error, UserError):
        return error
    for export in exports.sources.values():
        if found := diagnose_files(export.headers, export.name):
            return found
    if match := _CAST.search(str(error)):
        return UserError(
            f"a CAST in the configured SQL fails for {match[3]}",
            hint="TRY_CAST gives null where a cell cannot be converted",
        )
    return error


def diagnose_files(headers: Sequence[Header], source: str) -> UserError | None:
    """The fault of the first faulty file of a source; None where all can be read."""
    try:
        check_rows(headers)
    except UserError as error:
        return error
    for header in headers:
        if header.delimiter is None:
            found = _diagnose_parquet(header, source)
        else:
            found = unreadable(header.file) or stray_quote(header.file, header.delimiter)
        if found:
            return found
    return None


def _diagnose_parquet(header: Header, source: str) -> UserError | None:
    where = str(header.file)
    if not header.file.exists():
        return input_error("the file is gone", where=where, hint="it was there when the command started")
    try:
        read_header(header.file, source)
    except UserError as error:
        return error
    for name in header.names:
        try:
            pl.scan_parquet(header.file, glob=False).select(pl.col(name).is_null().sum()).collect(engine="streaming")
        except (PolarsError, OSError):
            return input_error(
                f"the Parquet file is damaged: column {name!r} cannot be read",
                where=f"{where}, column {name}",
                hint="copy or export the file again",
            )
    return None
