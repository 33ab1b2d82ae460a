"""The crew: processes of this program that were forked before it had threads, and measure what they are told to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import chain
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from engagement_cli.engines.crew.channel import Channel, Wrote, letter
from engagement_cli.engines.crew.worker import END, Done, Failed
from engagement_cli.engines.measuring import Measuring, Order
from engagement_cli.engines.passes import Part
from engagement_cli.errors import UserError
from engagement_cli.records import Record
from engagement_cli.timeline.cache.writer import Writer

_AHEAD = 2  # orders that a worker has: the next is there when a bucket is done


class Worker(Record):
    """One process, and the way to speak to it."""

    process: int
    channel: Channel


class Crew:
    """Workers that take buckets as they get ready for more. None are left once something went wrong."""

    def __init__(self, workers: list[Worker]) -> None:
        self._workers = workers
        self._ended: list[Worker] = []

    def __len__(self) -> int:
        """How many workers there are."""
        return len(self._workers)

    def measure(self, work: Measuring, order: Callable[[int], Order]) -> Iterator[list[Part]]:
        """What each bucket gives besides states, in the buckets' order; then all states.

        Raises what went wrong in a worker; then, and where the rows are not needed once more, all are dismissed.
        """
        keep = False
        try:
            yield from self._measure(work, order)
            keep = work.run.keep
        finally:
            if not keep:
                self.dismiss()

    def _measure(self, work: Measuring, order: Callable[[int], Order]) -> Iterator[list[Part]]:
        waiting: dict[int, list[Part]] = {}
        writers: list[Writer] = []
        orders = map(order, range(work.buckets))
        tasks = {worker.process: chain(orders, [END]) for worker in self._workers}
        busy, given = DefaultSelector(), 0

        def go_on(worker: Worker) -> None:
            if (task := next(tasks[worker.process], None)) is not None:
                self._tell(worker, task)

        begun = letter(work, writers)
        for worker in self._workers:
            busy.register(worker.channel, EVENT_READ, worker)
            self._tell(worker, begun)
        for worker in self._workers * _AHEAD:
            go_on(worker)
        while busy.get_map():
            for key, _ in busy.select():
                worker = key.data
                found = self._heard(worker)
                if isinstance(found, Wrote):
                    writers[found.writer].put(found.bucket, found.blocks, found.rows)
                elif isinstance(found, Done):
                    waiting[found.bucket] = found.parts
                    go_on(worker)
                else:
                    busy.unregister(worker.channel)
                    waiting.setdefault(work.buckets, []).append(found)
            while given in waiting and given < work.buckets:
                yield waiting.pop(given)
                given += 1
        yield waiting.pop(work.buckets)

    def _tell(self, worker: Worker, message: object) -> None:
        try:
            worker.channel.send(message)
        except (BrokenPipeError, ConnectionResetError):
            while True:  # it may have said why, at last
                self._heard(worker)

    def _heard(self, worker: Worker) -> Any:
        try:
            found = worker.channel.receive()
        except (EOFError, ConnectionResetError):
            raise _said_of(worker.process) from None
        if isinstance(found, Failed):
            raise found.error from RuntimeError(f"in a process of the crew:\n{found.trace}")
        return found

    def dismiss(self) -> None:
        """End all workers, whatever they do; the system takes them apart meanwhile."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.channel.close()
            with suppress(ProcessLookupError):
                os.kill(worker.process, signal.SIGKILL)
        self._ended += workers

    def close(self) -> None:
        """End all workers, and wait until they are gone."""
        self.dismiss()
        ended, self._ended = self._ended, []
        for worker in ended:
            with suppress(ChildProcessError):
                os.waitpid(worker.process, 0)


def _said_of(process: int) -> Exception:
    """What is to be said of a process that ended by itself."""
    try:
        _, status = os.waitpid(process, 0)
    except ChildProcessError:  # whoever called this program has it not told of its processes
        return RuntimeError("a process that was measuring ended")
    code = os.waitstatus_to_exitcode(status)
    if code == -signal.SIGKILL:
        return UserError(
            "the system ended a process that was measuring, which it does where memory is short",
            where="--memory",
            hint="allow less memory with --memory, so that more of it is left",
        )
    return RuntimeError(f"a process that was measuring ended with {code}")
