"""The formats: one file each, and this dict that knows them. A new one is a file, a line here and a golden file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.render.documents import Document
from engagement_cli.render.formats import csv, json, md, ndjson, parquet, table
from engagement_cli.render.layout import Layout

Format = Callable[[Document, IO[bytes], Layout], None]

FORMATS: dict[str, Format] = {
    "table": table.render,
    "json": json.render,
    "ndjson": ndjson.render,
    "csv": csv.render,
    "parquet": parquet.render,
    "md": md.render,
}

BINARY = frozenset({"parquet"})  # not for a terminal

_ENDINGS = {".txt": "table", ".jsonl": "ndjson", ".markdown": "md", ".pq": "parquet", ".prom": "prometheus"}


def choose_format(name: str | None, out: Path | None) -> str:
    """The format's name: the one asked for, else the one that the file's ending means, else `table`.

    Raises UserError for one that does not exist, naming those that do.
    """
    ending = out.suffix.lower() if out else ""
    chosen = name or _ENDINGS.get(ending) or ending.removeprefix(".") or "table"
    if chosen in FORMATS:
        return chosen
    formats = ", ".join(FORMATS)
    if name:
        close = did_you_mean(name, FORMATS)
        known = f"the formats are {formats}"
        hint = f"{close} {known}" if close and close.startswith("did") else known
        raise UserError(f"there is no format '{name}'", where="--format", hint=hint)
    raise UserError(
        f"no format has the ending '{ending}'", where=f"--out {out}", hint=f"add --format, one of {formats}"
    )
