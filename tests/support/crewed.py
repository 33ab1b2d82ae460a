"""The program in a process of its own whose crew measures even the small sample, in many buckets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from support.commands import Ran

HIRED = re.compile(r"^hired ([\d ]+)\n", re.MULTILINE)
THREADS = "crewing.LEAST_BYTES = 10**18"

CODE = """
import os, signal, sys, time
from pathlib import Path
from engagement_cli.commands import crewing
from engagement_cli.engines import sizing
from engagement_cli.engines.crew import hiring
from engagement_cli.engines.measuring import Measuring
from engagement_cli.errors import UserError

def hire(count, hired=hiring.hire):
    found = hired(count)
    print("hired", *(worker.process for worker in found._workers), file=sys.stderr, flush=True)
    return found

hiring.hire = hire
crewing.LEAST_BYTES, crewing._LEAST_MEMORY, crewing._processors = 0, 0, lambda: 3
sizing.ROWS_A_BUCKET, sizing._WORTH_A_THREAD = 4000, 1000
{changed}
from engagement_cli.app import main
sys.argv[0] = "engagement"
main()
"""


def start(folder: Path, *arguments: object, changed: str = "", alone: bool = False) -> subprocess.Popen[str]:
    """Begin a call in a folder, whose `temporary` has its temporary files; `changed` is code that runs before it.

    `alone`: in a process group of its own.
    """
    (folder / "temporary").mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", CODE.format(changed=changed), *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        start_new_session=alone,
        env={**os.environ, "TMPDIR": str(folder / "temporary"), "OPENBLAS_NUM_THREADS": "1", "COLUMNS": "200"},
    )


def crewed(folder: Path, *arguments: object, changed: str = "") -> tuple[Ran, list[int]]:
    """What a call did, and the processes that it had hired."""
    with start(folder, *arguments, changed=changed) as process:
        out, said = process.communicate(timeout=60)
    found = HIRED.search(said)
    hired = [int(number) for number in found[1].split()] if found else []
    return Ran(process.returncode, out, HIRED.sub("", said)), hired


def by_crew(folder: Path, *arguments: object, changed: str = "") -> Ran:
    """What a call did that went well, and whose buckets a crew measured of which nobody is left."""
    ran, hired = crewed(folder, *arguments, changed=changed + TELLING)
    assert ran.code == 0, ran.err
    assert len(hired) == 3
    assert set(map(str, hired)) & {path.name for path in (folder / "measured").iterdir()}
    assert not any(map(alive, hired))
    return ran


# Each process that measures leaves its number in the folder `measured`.
TELLING = """
def telling(self, order, measure=Measuring.measure):
    Path("measured", str(os.getpid())).touch()
    return measure(self, order)

for left in Path("measured").glob("*"):
    left.unlink()
Path("measured").mkdir(exist_ok=True)
Measuring.measure = telling
"""


def alive(process: int) -> bool:
    """Whether a process is there that has not ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def comes_true(what: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether something gets true before so many seconds are over."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
