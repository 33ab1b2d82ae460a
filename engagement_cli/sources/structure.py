"""The structure of CSV files: every row has as many fields as the header, every quote ends, every byte is UTF-8.

Polars fills short rows with nulls and drops surplus cells that a query does not read, so the lines are counted here:
one streaming pass that costs about a third of reading the cells, exact for quoted cells that run over lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import UserError, input_error
from engagement_cli.sources.headers import Header, not_utf8, open_bytes

_QUOTED = r'"[^"]*"'


def check_rows(headers: Sequence[Header]) -> None:
    """Raise `UserError` (exit 3) with file:line for the first faulty line of the CSV files among these.

    Blank lines are no rows of another width; they are counted as unparseable rows.
    """
    for header in headers:
        if header.delimiter is not None:
            state = header.file.stat()
            _check_file(header.file, header.delimiter, len(header.columns), state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=4096)  # a file is checked once a process, however often it is scanned
def _check_file(file: Path, delimiter: str, width: int, size: int, changed: int) -> None:
    del size, changed
    try:
        suspicious = _suspicious(file, delimiter, width)
        if suspicious.is_empty():
            return
        if suspicious["open"].any():
            _check_records(file, delimiter, width)
            return
    except (PolarsError, OSError) as error:
        raise unreadable(file) or error from error
    raise _ragged(file, suspicious[0, "line"] + 1, suspicious[0, "delimiters"] + 1, width)


def _suspicious(file: Path, delimiter: str, width: int) -> pl.DataFrame:
    """Lines that have another number of delimiters outside quotes, or a quote that does not end in the line."""
    text = pl.col("text")
    return (
        pl.scan_lines(file, name="text", row_index_name="line", glob=False)
        .with_columns(delimiters=text.str.count_matches(delimiter, literal=True))
        .filter((text != "") & ((pl.col("delimiters") != width - 1) | text.str.contains('"', literal=True)))
        .with_columns(text.str.replace_all(_QUOTED, ""))
        .select("line", delimiters=text.str.count_matches(delimiter, literal=True), open=text.str.contains('"'))
        .filter(pl.col("open") | (pl.col("delimiters") != width - 1))
        .collect(engine="streaming")
        .sort("line")
    )


def _check_records(file: Path, delimiter: str, width: int) -> None:
    """The exact check for files whose quoted cells run over several lines."""
    text, quotes = pl.col("text"), pl.col("quotes")
    inside = (quotes.cum_sum() - quotes) % 2 == 1
    lines = (
        pl.scan_lines(file, name="text", row_index_name="line", glob=False)
        .with_columns(quotes=text.str.count_matches('"', literal=True).cast(pl.Int64))
        .with_columns(inside=inside)
        .with_columns(text=pl.when("inside").then(pl.lit('"') + text).otherwise(text))
        .with_columns(ends_inside=(quotes + pl.col("inside").cast(pl.Int64)) % 2 == 1)
        .with_columns(text=pl.when("ends_inside").then(text + '"').otherwise(text))
        .select(
            "line",
            "ends_inside",
            record=(~pl.col("inside")).cum_sum(),
            delimiters=text.str.replace_all(_QUOTED, "").str.count_matches(delimiter, literal=True),
            filled=text != "",
        )
        .collect()
    )
    if lines[-1, "ends_inside"]:
        start = lines.filter(pl.col("record") == lines[-1, "record"])[0, "line"] + 1
        raise input_error(
            "a quoted cell never ends", where=f"{file}:{start}", hint="close the quote, or double quotes inside a cell"
        )
    records = lines.group_by("record", maintain_order=True).agg(
        pl.col("line").first(), pl.col("delimiters").sum(), pl.col("filled").any()
    )
    wrong = records.filter(pl.col("filled") & (pl.col("delimiters") != width - 1))
    if not wrong.is_empty():
        raise _ragged(file, wrong[0, "line"] + 1, wrong[0, "delimiters"] + 1, width)


def _ragged(file: Path, line: int, found: int, width: int) -> UserError:
    return input_error(
        f"line {line} has {found} field{'' if found == 1 else 's'}, the header has {width}",
        where=f"{file}:{line}",
        hint="quote cells that contain the delimiter, and give every row all its cells",
    )


def unreadable(file: Path) -> UserError | None:
    """Why the bytes of a CSV file cannot be read as text: missing, damaged, or not UTF-8; None if they can."""
    try:
        with open_bytes(file) as stream:
            for number, line in enumerate(stream, 1):
                try:
                    line.decode()
                except UnicodeDecodeError as error:
                    return not_utf8(file, number, line, error.start)
    except FileNotFoundError:
        return input_error("the file is gone", where=str(file), hint="it was there when the command started")
    except PolarsError:
        return input_error("the file is not UTF-8", where=str(file), hint="save it as UTF-8")
    except (OSError, EOFError, ValueError):
        return damaged(file)
    return None


def damaged(file: Path) -> UserError:
    """The error about a compressed file that does not unpack."""
    return input_error(
        "the compressed file is damaged or cut off", where=str(file), hint="copy or export the file again"
    )
