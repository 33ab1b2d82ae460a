"""The structure of CSV files: every row has as many fields as the header, every quote ends, every byte is UTF-8.

Polars fills short rows with nulls and drops surplus cells that a query does not read, so the lines are counted here.
Most files are plainly well-formed, which one pass over their bytes tells; of others a streaming pass finds the fault,
exact for quoted cells that run over lines.
A quote opens a cell only where the cell begins, as Polars reads it; elsewhere it is a character like any other.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import UserError, input_error
from engagement_cli.native.lines import lines_regular
from engagement_cli.sources.headers import Header, not_utf8, open_bytes

_BLOCK = 1 << 18  # bytes: more do not stay near the processor
_QUOTED = r'(^|D)"[^"]*(?:""[^"]*)*"'
_TRAILED = r'(?:^|D)""[^D]'
_UNCLOSED = r'(?:^|D)"(?:[^"]|$)'
_STRAY = r'[^D"]"'


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
    if _plainly_regular(file, delimiter, width):
        return
    try:
        suspicious = _suspicious(file, delimiter, width)
        if suspicious.is_empty():
            return
        if suspicious["open"].any():
            _check_records(file, delimiter, width)
            return
    except (PolarsError, OSError) as error:
        raise unreadable(file) or error from error
    raise _fault(file, suspicious.row(0, named=True), width)


def _plainly_regular(file: Path, delimiter: str, width: int) -> bool:
    """Whether all lines have their cells, none of which runs over lines; False as well where that cannot be told."""
    if file.name.lower().endswith(".zst") or len(delimiter.encode()) != 1:
        return False
    rest = b""
    try:
        with open_bytes(file) as stream:
            while block := stream.read(_BLOCK):
                text = rest + block
                size = text.rfind(b"\n") + 1
                _ = text.isascii() or text[:size].decode()  # to decode takes ten times as long
                if not size or not lines_regular(text, delimiter.encode(), width, size):
                    return False
                rest = text[size:]
        rest.decode()
        return not rest or lines_regular(rest + b"\n", delimiter.encode(), width)
    except (OSError, EOFError, ValueError, zlib.error):
        return False


def _suspicious(file: Path, delimiter: str, width: int) -> pl.DataFrame:
    """Lines that have another number of delimiters outside quotes, text behind a closing quote, or an open quote."""
    text = pl.col("text")
    return (
        _lines(file)
        .with_columns(delimiters=text.str.count_matches(delimiter, literal=True))
        .filter((text != "") & ((pl.col("delimiters") != width - 1) | text.str.contains('"', literal=True)))
        .with_columns(open=text.str.count_matches('"', literal=True) % 2 == 1)
        .with_columns(_bare(text, delimiter))
        .select(
            "line",
            "open",
            delimiters=text.str.count_matches(delimiter, literal=True),
            trailed=text.str.contains(_for(_TRAILED, delimiter)),
            ends_inside=text.str.contains(_for(_UNCLOSED, delimiter)),
        )
        .filter(pl.col("open") | pl.col("trailed") | pl.col("ends_inside") | (pl.col("delimiters") != width - 1))
        .collect(engine="streaming")
        .sort("line")
    )


def _lines(file: Path) -> pl.LazyFrame:
    return pl.scan_lines(file, name="text", row_index_name="line", glob=False).with_columns(
        pl.col("text").str.strip_suffix("\r")
    )


def _for(pattern: str, delimiter: str) -> str:
    return pattern.replace("D", re.escape(delimiter))


def _bare(text: pl.Expr, delimiter: str) -> pl.Expr:
    """The text with every quoted cell emptied."""
    return text.str.replace_all(_for(_QUOTED, delimiter), '${1}""')


def _check_records(file: Path, delimiter: str, width: int) -> None:
    """The exact check for files whose quoted cells run over several lines."""
    text, quotes = pl.col("text"), pl.col("quotes")
    inside = (quotes.cum_sum() - quotes) % 2 == 1
    bare = _bare(text, delimiter)
    lines = (
        _lines(file)
        .with_columns(quotes=text.str.count_matches('"', literal=True).cast(pl.Int64))
        .with_columns(inside=inside)
        .with_columns(text=pl.when("inside").then(pl.lit('"') + text).otherwise(text))
        .with_columns(ends_inside=(quotes + pl.col("inside").cast(pl.Int64)) % 2 == 1)
        .with_columns(text=pl.when("ends_inside").then(text + '"').otherwise(text))
        .select(
            "line",
            "ends_inside",
            unclosed=bare.str.contains(_for(_UNCLOSED, delimiter)),
            record=(~pl.col("inside")).cum_sum(),
            delimiters=bare.str.count_matches(delimiter, literal=True),
            trailed=bare.str.contains(_for(_TRAILED, delimiter)),
            stray=pl.col("ends_inside") & bare.str.contains(_for(_STRAY, delimiter)),
            filled=text != "",
        )
        .collect()
    )
    records = lines.group_by("record", maintain_order=True).agg(
        pl.col("line").first(),
        pl.col("delimiters").sum(),
        pl.col("filled", "trailed", "stray").any(),
        ends_inside=pl.col("ends_inside").last() | pl.col("unclosed").any(),
    )
    wrong = records.filter(
        pl.col("trailed")
        | pl.col("stray")
        | pl.col("ends_inside")
        | (pl.col("filled") & (pl.col("delimiters") != width - 1))
    )
    if not wrong.is_empty():
        raise _fault(file, wrong.row(0, named=True), width)


def _fault(file: Path, line: Mapping[str, Any], width: int) -> UserError:
    """The error about the first faulty line or record."""
    where = f"{file}:{line['line'] + 1}"
    if line.get("stray"):
        return _stray(where)
    if line["ends_inside"]:
        hint = "close the quote, or double quotes inside a cell"
        return input_error("a quoted cell never ends", where=where, hint=hint)
    if line["trailed"]:
        return input_error("text stands behind a closing quote", where=where, hint="double the quotes inside a cell")
    return _ragged(file, line["line"] + 1, line["delimiters"] + 1, width)


def stray_quote(file: Path, delimiter: str) -> UserError | None:
    """The error about the first quote inside a cell that is not quoted: most are harmless, some mislead Polars."""
    bare = _bare(pl.col("text"), delimiter)
    found = _lines(file).filter(bare.str.contains(_for(_STRAY, delimiter))).select("line").head(1).collect()
    return None if found.is_empty() else _stray(f"{file}:{found[0, 'line'] + 1}")


def _stray(where: str) -> UserError:
    hint = "quote the whole cell, and double the quotes inside it"
    return input_error("a quote stands inside a cell that is not quoted", where=where, hint=hint)


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
