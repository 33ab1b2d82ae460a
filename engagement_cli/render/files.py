"""A file written whole or not at all: a temporary file beside it, flushed to the disk, then renamed over it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from engagement_cli.errors import UserError


def _refused(path: Path, error: OSError) -> UserError:
    reason = error.strerror or str(error)
    return UserError(f"cannot write {path}: {reason}", where=f"--out {path}", hint="nothing was written there")


def _checked(path: Path) -> None:
    """Raise UserError where no file can be."""
    if path.is_dir():
        raise UserError(f"{path} is a folder", where=f"--out {path}", hint="name a file in it")
    if not path.parent.is_dir():
        hint = f"create it first: mkdir -p {path.parent}"
        raise UserError(f"there is no folder {path.parent}", where=f"--out {path}", hint=hint)


def _is_special(path: Path) -> bool:
    """Whether the path is a device or a pipe, which a rename would replace."""
    with suppress(OSError):
        return not stat.S_ISREG(path.stat().st_mode)
    return False


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, on systems where a folder can be opened."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _temporary(target: Path) -> Iterator[Path]:
    """A name beside the target that is gone afterwards, whatever happens, unless it was renamed."""
    path = target.with_name(f".{target.name[:100]}.{uuid4().hex}.tmp")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _replace(target: Path, fill: Callable[[IO[bytes]], None]) -> None:
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    with _temporary(target) as path:
        with path.open("xb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            path.chmod(mode)
        path.replace(target)
        _sync_folder(target.parent)


def write_file(path: Path, fill: Callable[[IO[bytes]], None]) -> None:
    """Let `fill` write the file's bytes; afterwards the file is whole, or what was there before still is.

    A link's target is replaced, not the link; a device or a pipe is written to directly.
    Raises UserError (2) where there is no folder, where a folder stands, or where the system refuses (a full disk).
    """
    try:
        _checked(path)
        if _is_special(path):
            with path.open("wb") as stream:
                fill(stream)
        else:
            _replace(path.resolve(), fill)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _refused(path, error) from error
