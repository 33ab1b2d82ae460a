"""Folders in which a segment is being written: whose they are, and whether he is still at it."""

from __future__ import annotations

import os
import platform
import re
import time
import zlib
from pathlib import Path
from uuid import uuid4

_NAME = re.compile(r"new-([0-9a-f]{8})-(\d+)-[0-9a-f]{32}")
_LONG = 24 * 3600  # seconds after which what is not finished never will be


def new_name() -> str:
    """The name of a folder for this process to write in."""
    return f"new-{_host()}-{os.getpid()}-{uuid4().hex}"


def is_unfinished(folder: Path) -> bool:
    """Whether a folder is called as those are."""
    return _NAME.fullmatch(folder.name) is not None


def is_abandoned(folder: Path, changed: float) -> bool:
    """Whether nobody writes there any more; `changed` in seconds since 1970."""
    if (match := _NAME.fullmatch(folder.name)) is None or time.time() - changed > _LONG:
        return True
    if match[1] != _host() or os.name != "posix":
        return False
    try:
        os.kill(int(match[2]), 0)  # asks without doing anything
    except ProcessLookupError:
        return True
    except OSError:  # another user's
        return False
    return False


def _host() -> str:
    return f"{zlib.crc32(platform.node().encode()):08x}"
