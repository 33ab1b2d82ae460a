"""Progress on a terminal's stderr, for work that takes more than a second."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

_PATIENCE = 1.0  # seconds of silence

Report = Callable[[str, int, int | None], None]


@contextmanager
def progress_bar(*, hidden: bool = False) -> Iterator[Report]:
    """A function (stage, done, total) that draws a bar after a second of work; silent where hidden or piped."""
    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield lambda stage, done, total: None
        return
    started = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("reading", total=None)

    def report(stage: str, done: int, total: int | None) -> None:
        if not bar.live.is_started and time.monotonic() - started > _PATIENCE:
            bar.start()
        bar.update(task, description=stage, completed=done, total=None if total is None else max(total, done))

    try:
        yield report
    finally:
        bar.stop()
