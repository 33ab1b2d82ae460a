"""Paths, globs, folders and lists → the files of a source."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from engagement_cli.errors import Problem, did_you_mean

SUFFIXES = (".csv", ".csv.gz", ".csv.zst", ".parquet")
_READABLE = "readable are " + ", ".join(SUFFIXES)


def is_export(path: Path) -> bool:
    """Whether a file's ending is one that exports have."""
    return path.name.lower().endswith(SUFFIXES) and not path.name.startswith((".", "_"))


def resolve(
    source: str, paths: Sequence[str], directory: Path, hint: str | None = None
) -> tuple[list[Path], list[Problem]]:
    """The files behind the written paths of a source, each once, in order; and what is wrong with them.

    A folder stands for all exports in it and below (hidden ones left out), a glob for its matches, sorted by name.
    """
    files: dict[Path, None] = {}
    problems: list[Problem] = []
    for written in paths:
        try:
            found, problem = _find(source, written, directory, hint)
        except (OSError, RuntimeError, ValueError) as error:  # too long, no such home, a folder that may not be read
            reason = error.strerror if isinstance(error, OSError) else str(error)
            found, problem = [], Problem(f"{written[:200]} cannot be looked up: {reason}", source, hint)
        if problem is not None:
            problems.append(problem)
        for file in found:
            if found_problem := _unusable(file, source):
                problems.append(found_problem)
            else:
                files.setdefault(file)
    return list(files), problems


def _find(source: str, written: str, directory: Path, hint: str | None) -> tuple[list[Path], Problem | None]:
    """The files behind one written path; or none, and why."""
    if not written.strip():
        return [], Problem("an empty path", source, "name a file, a folder or a glob; `.` is the folder you are in")
    path = directory / Path(written).expanduser()
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and is_export(p))
        return found, None if found else Problem(f"the folder {written} holds no exports", source, _READABLE)
    if path.exists():
        return [path], None
    if path.is_symlink():
        return [], Problem(f"{written} is a link to nothing", source, hint)
    if glob.has_magic(written):
        found = _matches(path)
        return found, None if found else Problem(f"no file matches {written}", source, f"looked from {directory}")
    return [], Problem(f"{written} does not exist", source, _nearby(path) or hint)


def _matches(pattern: Path) -> list[Path]:
    pattern = pattern.absolute()
    root = Path(pattern.anchor)
    return sorted(p for p in root.glob(str(pattern.relative_to(root))) if p.is_file())


def _unusable(file: Path, source: str) -> Problem | None:
    if not is_export(file) and not file.name.lower().endswith(SUFFIXES):
        return Problem(f"{file} is no export that can be read", source, _READABLE)
    if not file.is_file():
        return Problem(f"{file} is no regular file", source, "exports are read more than once: save it to a file first")
    if not os.access(file, os.R_OK):
        return Problem(f"{file} may not be read: permission denied", source, "check the file's permissions")
    return None


def _nearby(path: Path) -> str | None:
    try:
        return did_you_mean(path.name, (p.name for p in path.parent.iterdir() if p.is_dir() or is_export(p)))
    except OSError:
        return f"the folder {path.parent} does not exist"
