"""How much memory the work may take: `--memory 4GB`, or 60 % of what is free, in a container of what it may take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from engagement_cli.commands.sizes import size_in_bytes

_SHARE_OF_FREE = 0.6
_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


def memory_limit(given: str | None) -> int | None:
    """Bytes; None where free memory is unknown and nothing was said. Raises UserError for what is no size."""
    if given is None:
        free = _free_memory()
        return None if free is None else int(free * _SHARE_OF_FREE)
    return size_in_bytes(given, "--memory")


def _free_memory() -> int | None:
    """What the machine has free, or less where a control group of this process may take less; None if unknown."""
    return min([*_free_on_machine(), *_free_in_groups()], default=None)


def _free_on_machine() -> Iterator[int]:
    with suppress(OSError, ValueError, IndexError):
        lines = (_PROC / "meminfo").read_text(encoding="ascii").splitlines()
        yield from (int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
        return
    with suppress(AttributeError, ValueError, OSError):  # no Linux: all that there is
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _free_in_groups() -> Iterator[int]:
    """By control group around this process, version 2 or 1, its limit without what its processes hold."""
    with suppress(OSError, ValueError):
        for line in (_PROC / "self" / "cgroup").read_text(encoding="utf-8").splitlines():
            _, controllers, name = line.split(":", 2)
            if controllers == "":
                names = ("memory.max", "memory.current", "file")
                folder = _CGROUPS
            elif "memory" in controllers.split(","):
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_cache")
                folder = _CGROUPS / "memory"
            else:
                continue
            own = folder / name.lstrip("/")
            around = [place for place in (own, *own.parents) if place == folder or folder in place.parents]
            yield from (free for place in around if (free := _free_in(place, *names)) is not None)


def _free_in(group: Path, limit: str, usage: str, cache: str) -> int | None:
    """None where there is no limit. Pages of files count as free: the system takes them back when it needs room."""
    with suppress(OSError, ValueError):
        allowed = int((group / limit).read_text(encoding="ascii"))
        used = int((group / usage).read_text(encoding="ascii"))
        stat = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        return max(allowed - max(used - int(stat.get(cache, 0)), 0), 0)
    return None
