"""What becomes of the memory that NumPy frees: it is held for the next bucket, or goes back to the system where little
is left of what is allowed. Only glibc is told; elsewhere the allocator does as it likes.

A page that goes back and is asked for again has to be emptied by the system first: with large arrays by the thousand
that was a seventh of a report's time.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8  # of malloc.h
_HELD = {_ARENA_MAX: 1, _MMAP_THRESHOLD: 1 << 30, _TRIM_THRESHOLD: (1 << 31) - 1, _TOP_PAD: 64 << 20}
_FULL, _MOST = 0.5, 3 << 30  # of the memory allowed, and bytes: beyond, holding more saves little
_RESIDENT = Path("/proc/self/statm")


def hold_freed() -> None:
    """Let the allocator keep what is freed, in one heap for all threads."""
    if (option := _function("mallopt")) is not None:
        for name, value in _HELD.items():
            option(name, value)


def give_back(allowed: int | None) -> None:
    """Return what was freed to the system where half of the memory allowed, in bytes, is in use, or three gigabytes."""
    full = None if allowed is None else min(_FULL * allowed, _MOST)
    if full is not None and _resident() > full:
        give_all_back()


def give_all_back() -> None:
    """Return what was freed to the system."""
    if (trim := _function("malloc_trim")) is not None:
        trim(0)


def _resident() -> int:
    """Bytes of memory in use; where that cannot be told, more than any."""
    try:
        return int(_RESIDENT.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 1 << 62


@cache
def _function(name: str) -> Callable[..., Any] | None:
    with suppress(OSError, AttributeError, TypeError):
        found: Callable[..., Any] = getattr(ctypes.CDLL(None), name)
        return found
    return None
