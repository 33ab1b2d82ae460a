"""Whether a call is worth processes of its own that measure, and how many."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from engagement_cli.commands.given import Given
from engagement_cli.commands.memory import memory_limit
from engagement_cli.commands.options import Running
from engagement_cli.sources.opening import files_of

if TYPE_CHECKING:
    from engagement_cli.engines.crew.crew import Crew

LEAST_BYTES = 300_000_000  # of Parquet: below, making processes takes as long as they save
_TEXT = 10  # bytes of CSV that hold as much as one of Parquet
_LEAST_MEMORY = 1 << 30  # bytes: each process takes about a tenth of it, whatever it does
_MOST = 4


def crew_for(running: Running, given: Given) -> Crew | None:
    """Processes for a call whose exports are large; None where threads do, or where this process cannot be copied.

    To be called before anything is read.
    """
    elsewhere = running.engine not in (None, "local") or running.spark_remote or running.spark_master
    if elsewhere or _size(given) < LEAST_BYTES:
        return None
    memory = memory_limit(running.memory)
    if memory is not None and memory < _LEAST_MEMORY:
        return None
    from engagement_cli.engines.crew.hiring import hire

    return hire(min(_processors(), _MOST))


def _size(given: Given) -> float:
    """How much the events are, in bytes of Parquet."""
    files, _ = files_of("events", given.settings, given.loaded.directory, given.overrides)
    return sum(file.stat().st_size / (1 if file.suffix == ".parquet" else _TEXT) for file in files)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
