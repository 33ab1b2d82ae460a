"""How far the cluster is: its tasks that are done, of those that it knows of so far."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_EVERY = 0.5  # seconds
Report = Callable[[int, int], None]


@contextmanager
def watched(session: SparkSession, report: Report) -> Iterator[None]:
    """Report tasks done and tasks known now and then while something runs."""
    if type(session).__module__.startswith("pyspark.sql.connect"):  # it tells by itself

        def told(stages: Any, **_: Any) -> None:
            tasks = [(stage.num_completed_tasks, stage.num_tasks) for stage in stages or ()]
            report(sum(done for done, _ in tasks), sum(total for _, total in tasks))

        session.registerProgressHandler(told)
        try:
            yield
        finally:
            session.removeProgressHandler(told)
        return
    ended = Event()
    asking = Thread(target=_ask, args=(session, report, ended), daemon=True)
    asking.start()
    try:
        yield
    finally:
        ended.set()
        asking.join()


def _ask(session: SparkSession, report: Report, ended: Event) -> None:
    tracker = session.sparkContext.statusTracker()
    while not ended.wait(_EVERY):
        jobs = [info for job in tracker.getActiveJobsIds() if (info := tracker.getJobInfo(job)) is not None]
        stages = [tracker.getStageInfo(stage) for job in jobs for stage in job.stageIds]
        known = [stage for stage in stages if stage is not None]
        if known:
            report(sum(stage.numCompletedTasks for stage in known), sum(stage.numTasks for stage in known))
