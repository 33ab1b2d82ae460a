"""What a file says before its rows are read: format, delimiter, column names and types."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import ExitCode, Problem, UserError
from engagement_cli.records import Record
from engagement_cli.sources.recognise import RECOGNISED, normalise

_LONGEST_CELL = 2**31 - 1  # Python's own limit of 128 kB is the process's, and a cell may hold a document
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_KNOWN = {
    normalise(name) for fields in RECOGNISED.values() for ranks in fields.values() for rank in ranks for name in rank
}


class Header(Record):
    """A file's format and columns. `rows` is known for Parquet only; CSV columns are all text.

    `footer`: bytes of a Parquet file's own description. `only`: first row and number of those meant, if not all.
    """

    file: Path
    columns: tuple[tuple[str, pl.DataType], ...]
    delimiter: str | None = None  # None: Parquet
    rows: int | None = None
    blank_end: bool = False  # blank lines after the last row of a CSV
    footer: int | None = None
    only: tuple[int, int] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in the file's order."""
        return tuple(name for name, _ in self.columns)

    @property
    def meant(self) -> tuple[int, int]:
        """The first row that is meant, and how many are."""
        return self.only or (0, self.rows or 0)


def read_header(file: Path, source: str) -> Header:
    """The header of an export. Raises `UserError` (exit 3; 6 for a file without rows) that names the file."""
    header = _read_parquet(file) if file.name.lower().endswith(".parquet") else _read_csv(file, source)
    if problem := _check_names(header):
        raise UserError([problem], code=ExitCode.INPUT)
    return header


def _error(what: str, where: object, hint: str, code: ExitCode = ExitCode.INPUT) -> UserError:
    return UserError(what, where=str(where), hint=hint, code=code)


def _check_names(header: Header) -> Problem | None:
    seen: set[str] = set()
    for position, name in enumerate(header.names, 1):
        if not name.strip():
            return Problem(f"column {position} has no name", f"{header.file}:1", "name every column in the first line")
        if name == "*" or (name.startswith("^") and name.endswith("$")):  # Polars reads a pattern of names
            return Problem(f"no column can be named {name!r}", f"{header.file}:1", "rename it in the export")
        if name in seen:
            return Problem(f"two columns are named {name!r}", f"{header.file}:1", "rename one of them in the export")
        seen.add(name)
    return None


def _read_parquet(file: Path) -> Header:
    size = file.stat().st_size
    again = "export the file again"
    if size == 0:
        raise _error("the file is empty", file, again)
    with file.open("rb") as stream:
        start = stream.read(4)
        stream.seek(max(0, size - 8))
        footer, end = int.from_bytes(stream.read(4), "little"), stream.read(4)
    if start != b"PAR1":
        raise _error("this is no Parquet file", file, "if it is text, let its name end in .csv")
    if end != b"PAR1" or size < 12:
        raise _error("the Parquet file is cut off: its end is missing", file, "copy or " + again)
    try:
        scan = pl.scan_parquet(file, glob=False)
        columns = tuple(scan.collect_schema().items())
        rows = scan.select(pl.len()).collect().item()
    except (PolarsError, OSError):
        raise _error("the Parquet file is damaged: its description of columns cannot be read", file, again) from None
    return Header(file, columns, rows=rows, footer=footer)


@contextmanager
def open_bytes(file: Path) -> Iterator[BinaryIO]:
    """The decompressed bytes of a CSV file."""
    name = file.name.lower()
    if name.endswith(".zst"):
        lines = pl.scan_lines(file, glob=False).collect().to_series()  # no zstd in the standard library
        yield BytesIO("\n".join(lines.to_list()).encode() + b"\n")
        return
    if name.endswith(".gz"):
        with gzip.open(file, "rb") as unpacked:
            yield cast(BinaryIO, unpacked)
    else:
        with file.open("rb") as plain:
            yield plain


def _first_lines(file: Path) -> list[bytes]:
    """The first few lines of a CSV file; the header may be quoted over several."""
    if file.name.lower().endswith(".zst"):
        return [line.encode() + b"\n" for line in pl.scan_lines(file, glob=False).head(50).collect().to_series()]
    with open_bytes(file) as stream:
        return [line for line in (stream.readline(1 << 20) for _ in range(50)) if line]


def _read_csv(file: Path, source: str) -> Header:
    if file.stat().st_size == 0:
        raise _error("the file is empty", file, "export the file again, with a header and rows")
    try:
        lines = _first_lines(file)
    except (OSError, EOFError, zlib.error, PolarsError) as error:
        if isinstance(error, PolarsError) and "utf" in str(error).lower():
            raise _error("the file is not UTF-8", file, "save it as UTF-8") from None
        raise _error("the compressed file is damaged or cut off", file, "copy or export the file again") from None
    text = _decode(lines, file)
    if not text or not text[0].strip():
        raise _error("the file has no header", f"{file}:1", "its first line must name the columns")
    if "\r" in text[0].removesuffix("\n").removesuffix("\r"):
        hint = "save it with line ends of Unix (LF) or Windows (CR LF)"
        raise _error("the lines of the file end in a carriage return alone", f"{file}:1", hint)
    csv.field_size_limit(_LONGEST_CELL)
    delimiter = _delimiter(text, file, source)
    records = csv.reader(text, delimiter=delimiter)
    names = next(records)
    if not any(any(record) or len(record) > 1 for record in records):
        raise _error("the file has a header and no rows", file, "export the file again, with rows", ExitCode.EMPTY)
    return Header(file, tuple((name, pl.String()) for name in names), delimiter, blank_end=_ends_blank(file))


def _decode(lines: list[bytes], file: Path) -> list[str]:
    if lines and lines[0].startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _error("the file is UTF-16", file, "save it as UTF-8")
    text = []
    for number, line in enumerate(lines, 1):
        try:
            text.append(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            if len(line) == 1 << 20 and error.start > len(line) - 4:
                break  # a character cut by the limit of what is read here
            raise not_utf8(file, number, line, error.start) from None
    return text


def not_utf8(file: Path, line: int, content: bytes, position: int) -> UserError:
    """The error about a byte that is no UTF-8, by line and place in the line."""
    return _error(
        f"the file is not UTF-8: byte 0x{content[position]:02X} at place {position + 1} of line {line}",
        f"{file}:{line}",
        "save it as UTF-8; from Latin-1: iconv -f ISO-8859-1 -t UTF-8",
    )


def _delimiter(text: list[str], file: Path, source: str) -> str:
    """Comma, unless another delimiter splits the header into more than one column and the comma does not."""
    widths = {d: len(next(csv.reader(text, delimiter=d))) for d in DELIMITERS}
    others = [d for d in DELIMITERS if d != "," and widths[d] > 1]
    if widths[","] > 1 or not others:
        return ","
    best = max(others, key=lambda d: widths[d])
    rows = [r for r in csv.reader(text[:-1] if len(text) == 50 else text, delimiter=best) if r]
    agree = all(len(row) == widths[best] for row in rows)
    names = {normalise(name) for name in rows[0]}
    if agree or names & _KNOWN:
        return best
    raise _error(
        f"the columns are not separated by commas; {DELIMITERS[best]}s split some lines, not all",
        f"{file}:1",
        f"export {source} again with commas",
    )


def _ends_blank(file: Path) -> bool:
    if not file.name.lower().endswith(".csv"):
        return False
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - 4))
        return stream.read().replace(b"\r", b"").endswith(b"\n\n")
