"""Where the tables go: appended block by block to a folder that appears only when it is whole."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from engagement_cli.errors import UserError


def write_folder(directory: Path, write: Callable[[Path], None]) -> list[Path]:
    """Let `write` fill a folder beside `directory`, then rename it; the files, sorted.

    `UserError` if `directory` exists and is not an empty folder, or if the disk refuses; nothing is left behind then.
    """
    refuse_existing(directory)
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{directory.name}-", dir=directory.parent) as beside:
            whole = Path(beside) / "export"
            whole.mkdir()
            write(whole)
            if directory.exists():
                directory.rmdir()
            whole.rename(directory)
    except OSError as error:
        raise UserError(
            f"cannot write the sample: {error.strerror or error}",
            where=str(directory),
            hint="choose a folder you may write to",
        ) from error
    return sorted(path for path in directory.rglob("*") if path.is_file())


def refuse_existing(directory: Path) -> None:
    """`UserError` unless `directory` is missing or an empty folder."""
    if directory.is_dir() and not any(directory.iterdir()):
        return
    if directory.exists() or directory.is_symlink():
        what = "the folder is not empty" if directory.is_dir() else "there is a file of that name"
        raise UserError(f"{what}; nothing was written", where=str(directory), hint="name a new or empty folder")


def append_csv(path: Path, frame: pl.DataFrame, *, quoting: bool = True) -> None:
    """Lines at the end of the file, a header first where it is new; texts without commas need no `quoting`."""
    new = not path.exists()
    with path.open("ab") as file:
        frame.write_csv(file, include_header=new, quote_style="necessary" if quoting else "never")
