"""What a command costs: wall seconds, CPU seconds and peak memory in bytes, as JSON.

python timing.py COMMAND …

A process of its own, because a child's peak memory counts that of the process it was forked from. The peak is that of
the command and all its descendants together, looked at five times a second where /proc tells (Linux), and never below
the largest single process, which the system knows exactly.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

INTERVAL = 0.2  # seconds: looking takes time from what is looked at, with 0.05 a twentieth of it
PROCESSES = Path("/proc")


def main(command: list[str]) -> int:
    """Run the command with its standard output on stderr; JSON to stdout; the command's exit code."""
    began = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    seen = [0]
    ended = threading.Event()
    watching = threading.Thread(target=_watch, args=(pid, seen, ended))
    watching.start()
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    ended.set()
    watching.join()
    largest = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": max(largest, *seen)}))
    return os.waitstatus_to_exitcode(status)


def _watch(pid: int, seen: list[int], ended: threading.Event) -> None:
    while not ended.wait(INTERVAL):
        seen[0] = max(seen[0], sum(map(_resident, _tree(pid))))


def _tree(pid: int) -> list[int]:
    """The process and its descendants; fewer where some end meanwhile, none where /proc does not tell."""
    found, open_ = [], [pid]
    while open_:
        found.append(open_.pop())
        try:
            tasks = (PROCESSES / str(found[-1]) / "task").iterdir()
            open_ += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        pages = int((PROCESSES / str(pid) / "statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
