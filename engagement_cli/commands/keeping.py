"""What the options say of the cache: where it is, how large it may grow, and whether it is used at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engagement_cli.commands.options import Output, Running
from engagement_cli.commands.sizes import size_in_bytes
from engagement_cli.errors import UserError
from engagement_cli.timeline.cache.terms import Terms

LEAST_ROWS = 5_000_000  # of exports that are kept unasked: reading fewer takes a few seconds at most


def cache_terms(running: Running, output: Output) -> Terms | None:
    """The terms on which timelines are kept; None where they are not. Raises `UserError` for what contradicts itself.

    A folder that is named is used for exports of any size.
    """
    limit = None if running.cache_size is None else size_in_bytes(running.cache_size, "--cache-size")
    if running.no_cache:
        if running.cache is not None:
            raise UserError("--cache and --no-cache contradict each other", where="--cache", hint="give one of them")
        return None
    folder = named_cache(running.cache) if running.cache is not None else user_cache()
    if folder is None:
        return None

    least_rows = LEAST_ROWS if running.cache is None else 0
    return Terms(folder, running.cache_by, limit, least_rows, lambda message: output.warn([message]))


def named_cache(folder: Path) -> Path:
    """The folder that `--cache` names. Raises `UserError` for the current one, which an empty name means too."""
    if folder == Path():
        raise UserError(
            "the cache needs a folder of its own, not the current one", where="--cache", hint="such as --cache .cache"
        )
    return folder.expanduser()


def user_cache() -> Path | None:
    """`engagement` in the folder for caches of this user; None where there is no such folder."""
    if os.environ.get("XDG_CACHE_HOME"):
        return Path(os.environ["XDG_CACHE_HOME"]) / "engagement"
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "engagement" / "cache"
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "engagement"
