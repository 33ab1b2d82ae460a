"""Forking the crew, while that is safe: before any thread of this process could hold a lock for ever in its copy."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import signal
import socket
import sys
import tempfile
import warnings
from pathlib import Path

from engagement_cli.engines.crew.channel import Channel
from engagement_cli.engines.crew.crew import Crew, Worker
from engagement_cli.engines.crew.worker import serve

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of sys/prctl.h
_TASKS = Path("/proc/self/task")
_SLEEPING = {"jemalloc_bg_thd", "polars-ooc-clea"}  # threads of Polars that hold nothing which a copy needs


def may_fork() -> bool:
    """Whether this process has no thread besides its first that does anything; False where that cannot be told.

    Nor may files be bounded (`ulimit -f`), which files in memory are too.
    """
    if sys.platform != "linux":
        return False
    import resource  # Unix alone has it

    if resource.getrlimit(resource.RLIMIT_FSIZE)[0] != resource.RLIM_INFINITY:
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
    tempfile.gettempdir()  # is found by writing a file there, which a worker that is ended meanwhile would leave
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
    first = os.getpid()
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
        _settle(first)
        serve(Channel(there))
    finally:
        os._exit(0)


def _settle(first: int) -> None:
    """Make a copy of the `first` process a worker: it leaves the terminal alone, and ends when that one does."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != first:  # it was too late to be told
        os._exit(0)
    gc.freeze()
    os.environ["POLARS_MAX_THREADS"] = "1"  # Polars has not made any yet
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` has it
            signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
