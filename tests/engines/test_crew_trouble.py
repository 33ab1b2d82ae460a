"""What goes wrong in a process that measures is told as if it went wrong in the first, and nothing is left of any."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from support.crewed import HIRED, THREADS, alive, comes_true, crewed, start

from engagement_cli.engines.crew.hiring import hire

BROKEN = """
class Two(Exception):
    def __init__(self, one, two):
        super().__init__(one)

def broken(self, order):
    if order.bucket == 2:
        {body}
    return measure(self, order)
measure, Measuring.measure = Measuring.measure, broken
"""
BUSY = """
def busy(self, order):
    Path("temporary", str(os.getpid())).touch()
    time.sleep({seconds})
    return measure(self, order)
measure, Measuring.measure = Measuring.measure, busy
"""


def failing(folder: Path, body: str, more: str = "") -> tuple[int, str, str]:
    """Exit code, what stderr said, and the crash report of a call of which nobody and nothing else is left."""
    changed = BROKEN.format(body=body) + more
    ran, hired = crewed(folder, "sessions", "--sample", "--no-cache", "--out", "there.json", "-q", changed=changed)
    assert len(hired) == (0 if more == THREADS else 3)
    assert not any(Path(f"/proc/{process}").exists() for process in hired)
    assert ran.out == ""
    assert [path.name for path in folder.iterdir()] == ["temporary"]
    reports = [path.read_text() for path in (folder / "temporary").iterdir()]
    assert len(reports) == (ran.code == 70)
    return ran.code, ran.err, "".join(reports)


def test_a_mistake_of_the_user_is_told_as_by_threads(tmp_path: Path) -> None:
    body = "raise UserError('it is too blue', where='the sky', hint='wait', code=4)"
    (tmp_path / "crew").mkdir()
    (tmp_path / "threads").mkdir()
    found = failing(tmp_path / "crew", body)
    assert found[:2] == (4, "error: it is too blue\n  where: the sky\n  hint: wait\n")
    assert found == failing(tmp_path / "threads", body, THREADS)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise ValueError('a deep one')", "ValueError: a deep one"),
        ("raise type('Own', (Exception,), {})('a deep one')", "RuntimeError: Own('a deep one')"),
        ("raise Two('a deep one', 2)", "RuntimeError: Two('a deep one')"),
        ("raise KeyboardInterrupt('a deep one')", "RuntimeError: KeyboardInterrupt('a deep one')"),
    ],
    ids=["error", "error that cannot be sent", "error that cannot be made again", "no error"],
)
def test_a_bug_is_reported_with_the_worker_s_own_traceback(body: str, said: str, tmp_path: Path) -> None:
    code, err, report = failing(tmp_path, body)
    assert code == 70
    assert f"a bug of ours: {said}" in err
    assert "in a process of the crew:" in report
    assert "in broken" in report
    assert "worker.py" in report


def test_a_worker_that_the_system_ended_is_told_of_as_of_memory(tmp_path: Path) -> None:
    code, err, _ = failing(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    assert code == 2
    assert "the system ended a process that was measuring, which it does where memory is short" in err
    assert "--memory" in err


def test_a_worker_that_ended_by_itself_is_a_bug(tmp_path: Path) -> None:
    code, err, _ = failing(tmp_path, "os._exit(3)")
    assert code == 70
    assert "a process that was measuring ended with 3" in err


def test_a_worker_of_whose_end_the_system_does_not_tell_is_a_bug(tmp_path: Path) -> None:
    code, err, _ = failing(tmp_path, "os._exit(3)", "signal.signal(signal.SIGCHLD, signal.SIG_IGN)")
    assert code == 70
    assert "a process that was measuring ended" in err


@pytest.mark.parametrize("asked", [("report", "--events", "nowhere.csv"), ("funnel", "--sample")])
def test_workers_end_with_a_call_that_measures_nothing(asked: tuple[str, ...], tmp_path: Path) -> None:
    ran, hired = crewed(tmp_path, *asked)
    assert ran.code in (2, 3)
    assert len(hired) == 3
    assert not any(map(alive, hired))


def begun(folder: Path, seconds: float) -> tuple[subprocess.Popen[str], list[int]]:
    """A call in its own group, once all of its workers are busy for so many seconds, and the workers."""
    changed = BUSY.format(seconds=seconds)
    process = start(folder, "sessions", "--sample", "--no-cache", "-q", "--out", "o.csv", changed=changed, alone=True)
    assert process.stderr is not None
    found = HIRED.match(process.stderr.readline())
    assert found is not None
    workers = [int(number) for number in found[1].split()]
    busy = [folder / "temporary" / str(worker) for worker in workers]
    assert comes_true(lambda: all(file.exists() for file in busy))
    for file in busy:
        file.unlink()
    return process, workers


@pytest.fixture
def processes() -> Iterator[list[int]]:
    """Processes that are ended with the test, whatever it finds."""
    started: list[int] = []
    yield started
    for process in filter(alive, started):
        os.kill(process, signal.SIGKILL)


@pytest.mark.parametrize("everyone", [False, True], ids=["the first process", "its group"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_first_process_and_workers(
    number: signal.Signals, code: int, everyone: bool, tmp_path: Path, processes: list[int]
) -> None:
    process, workers = begun(tmp_path, 60)
    processes += [process.pid, *workers]
    (os.killpg if everyone else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=10)
    assert process.returncode == code
    assert "Traceback" not in said
    assert not any(map(alive, workers))
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]
    assert list((tmp_path / "temporary").iterdir()) == []


def test_workers_end_with_a_first_process_that_was_killed_whatever_they_do(
    tmp_path: Path, processes: list[int]
) -> None:
    process, workers = begun(tmp_path, 60)
    processes += [process.pid, *workers]
    process.kill()
    process.communicate(timeout=10)
    assert comes_true(lambda: not any(map(alive, workers)), 10)
    assert [path.name for path in (tmp_path / "temporary").iterdir() if not path.name.isdigit()] == []


def test_workers_do_not_hold_the_pipes_of_the_first_process(tmp_path: Path, processes: list[int]) -> None:
    process, workers = begun(tmp_path, 60)
    processes += [process.pid, *workers]
    for worker in workers:
        targets = {Path(f"/proc/{worker}/fd/{stream}").readlink() for stream in range(3)}
        assert targets == {Path(os.devnull)}
    process.kill()
    assert process.communicate(timeout=10)[0] == ""


def test_a_hangup_that_is_ignored_ends_no_worker(tmp_path: Path, processes: list[int]) -> None:
    changed = "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + BUSY.format(seconds=0.3)
    ran = start(tmp_path, "nps", "--sample", "-q", "--format", "csv", changed=changed, alone=True)
    assert comes_true(lambda: any((tmp_path / "temporary").iterdir()))
    processes.append(ran.pid)
    os.killpg(ran.pid, signal.SIGHUP)
    out, said = ran.communicate(timeout=30)
    assert ran.returncode == 0, said
    assert out


def test_nobody_is_hired_beside_a_thread_that_works() -> None:
    stop = Event()
    thread = Thread(target=stop.wait)
    thread.start()
    try:
        assert hire(3) is None
    finally:
        stop.set()
        thread.join()


ALONE = """
import os, resource
from threading import Event, Thread
from engagement_cli.engines.crew.hiring import hire
assert hire(1) is None and hire(0) is None and hire(-1) is None
stop = Event()
thread = Thread(target=stop.wait)
thread.start()
assert hire(2) is None
stop.set()
thread.join()
free = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, free[1]))
assert hire(2) is None
resource.setrlimit(resource.RLIMIT_FSIZE, free)
fork, forked = os.fork, []
def once():
    if forked:
        raise BlockingIOError("no more processes")
    forked.append(fork())
    return forked[0]
os.fork = once
assert hire(3) is None
assert not os.path.exists(f"/proc/{forked[0]}")
os.fork = fork
crew = hire(2)
assert len(crew) == 2
workers = [worker.process for worker in crew._workers]
crew.close()
crew.close()
assert len(crew) == 0
assert not any(os.path.exists(f"/proc/{worker}") for worker in workers)
print("all is well")
"""


def test_fewer_than_two_are_not_hired_nor_fewer_than_were_asked_for() -> None:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ALONE], capture_output=True, text=True, check=False, env=environment, timeout=30
    )
    assert (done.stdout, done.stderr) == ("all is well\n", "")
