"""Forking the crew, while that is safe: before any thread of this process could hold a lock for ever in its copy."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import socket
import sys
import warnings
from pathlib import Path

from engagement_cli.engines.crew.channel import Channel
from engagement_cli.engines.crew.crew import Crew, Worker
from engagement_cli.engines.crew.worker import serve

_TASKS = Path("/proc/self/task")
_SLEEPING = {"jemalloc_bg_thd", "polars-ooc-clea"}  # threads of Polars that hold nothing which a copy needs


def may_fork() -> bool:
    """Whether this process has no thread besides its first that does anything; False where that cannot be told."""
    if sys.platform != "linux":
        return False
    try:
        names = {task.name: (task / "comm").read_text().strip() for task in _TASKS.iterdir()}
    except OSError:
        return False
    names.pop(str(os.getpid()), None)
    return set(names.values()) <= _SLEEPING


def hire(count: int) -> Crew | None:
    """So many workers, each with its own copy of what is loaded; None where this process cannot be copied."""
    if count < 2 or not may_fork():
        return None
    workers: list[Worker] = []
    try:
        for _ in range(count):
            workers.append(_worker(workers))
    except OSError:  # no more processes are allowed
        Crew(workers).close()
        return None
    crew = Crew(workers)
    atexit.register(crew.close)  # however the call ends
    return crew


def _worker(others: list[Worker]) -> Worker:
    here, there = socket.socketpair()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that there are threads is known
        process = os.fork()
    if process:
        there.close()
        return Worker(process, Channel(here))
    try:
        here.close()
        for other in others:
            other.channel.close()
        _settle()
        serve(Channel(there))
    finally:
        os._exit(0)


def _settle() -> None:
    """Make a copy of the process a worker: it leaves the terminal alone, and ends when the first process does."""
    gc.freeze()
    os.environ["POLARS_MAX_THREADS"] = "1"  # Polars has not made any yet
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` has it
            signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
