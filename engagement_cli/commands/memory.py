"""How much memory the work may take: `--memory 4GB`, or 60 % of what is free."""

from __future__ import annotations

import re
from pathlib import Path

from engagement_cli.errors import UserError

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]b)?", re.IGNORECASE)
_SHARE_OF_FREE = 0.6


def memory_limit(given: str | None) -> int | None:
    """Bytes; None where free memory is unknown and nothing was said. Raises UserError for what is no size."""
    if given is None:
        free = _free_memory()
        return None if free is None else int(free * _SHARE_OF_FREE)
    match = _SIZE.fullmatch(given.strip())
    size = int(float(match[1]) * _UNITS[(match[2] or "").lower()]) if match else 0
    if size <= 0:
        raise UserError(f"{given!r} is no size", where="--memory", hint="write 4GB or 500MB")
    return size


def _free_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)
