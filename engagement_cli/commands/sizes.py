"""Sizes as people write them: 4GB, 500MB."""

from __future__ import annotations

import re

from engagement_cli.errors import UserError

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]b)?", re.IGNORECASE)


def size_in_bytes(given: str, option: str) -> int:
    """A size above zero in bytes. Raises `UserError` that names the option for what is none."""
    match = _SIZE.fullmatch(given.strip())
    size = int(float(match[1]) * _UNITS[(match[2] or "").lower()]) if match else 0
    if size <= 0:
        raise UserError(f"{given!r} is no size", where=option, hint="write 4GB or 500MB")
    return size
