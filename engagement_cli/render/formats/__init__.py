"""The formats: one file each, loaded when it is asked for. A new one is a file, a name here and a golden file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import IO

from engagement_cli.errors import UserError, did_you_mean
from engagement_cli.render.documents import Document
from engagement_cli.render.layout import Layout

Format = Callable[[Document, IO[bytes], Layout], None]


def _rendered(name: str, document: Document, stream: IO[bytes], layout: Layout) -> None:
    import_module(f"{__name__}.{name}").render(document, stream, layout)


FORMATS: dict[str, Format] = {
    name: partial(_rendered, name) for name in ("table", "json", "ndjson", "csv", "parquet", "md")
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
