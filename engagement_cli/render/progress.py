"""Progress on a terminal's stderr, for work that takes more than a second: how far all of it is, and how long yet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from engagement_cli.render.layout import is_plain

_PATIENCE = 1.0  # seconds of silence
_EARLY = 0.01  # of the work: before, nothing can be said about the time left

Report = Callable[[str, int, int | None], None]


def weights_of_report(metrics: int) -> dict[str, float]:
    """How long the stages take compared with reading, as measured: each metric adds to the measuring."""
    return {"reading": 1.0, "measuring": 0.7 + metrics / 50, "measuring by customer": 0.05 + metrics / 1000}


@dataclass
class Course:
    """How far the work is. `weights` say in order how much of the time each stage takes; some may never come."""

    weights: Mapping[str, float]
    unit: str = "rows"
    clock: Callable[[], float] = time.monotonic
    stage: str = ""
    shares: dict[str, float] = field(default_factory=dict)  # done, by stage that came
    things: int = 0  # rows of all stages: those that the first counted
    started: float = field(init=False)
    since: float = field(init=False)  # when the stage began: when the one before was last heard of
    heard: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.since = self.heard = self.clock()

    def report(self, stage: str, done: int, total: int | None) -> None:
        """Take note: so much of a stage's work is done."""
        if stage != self.stage:
            self.shares |= dict.fromkeys(self.shares, 1.0)
            self.stage, self.since = stage, self.heard
        self.shares[stage] = min(done / total, 1.0) if total else 0.0
        if len(self.shares) == 1:
            self.things = done
        self.heard = self.clock()

    @property
    def share(self) -> float:
        """The share of the work that is done, among the stages that came and those that may yet come."""
        done, left = self._work()
        return done / (done + left) if done + left else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds, should the rest go as the work so far; None where it is too early to say."""
        done, left = self._work()
        return None if self.share < _EARLY else (self.clock() - self.started) / done * left

    def _work(self) -> tuple[float, float]:
        names = list(self.weights)
        later = names[names.index(self.stage) + 1 :] if self.stage in names else []
        done = sum(self.weights.get(name, 1.0) * share for name, share in self.shares.items())
        here = self.weights.get(self.stage, 1.0) * (1 - self.shares.get(self.stage, 0.0))
        return done, here + sum(self.weights[name] for name in later)

    @property
    def rate(self) -> str:
        """Rows a second in this stage."""
        seconds = self.clock() - self.since
        done = self.things * (self.shares.get(self.stage, 0.0) if len(self.shares) > 1 else 1.0)
        return f"{_short(done / seconds)} {self.unit}/s" if done and seconds > 0 else ""

    @property
    def left(self) -> str:
        """The time left in words."""
        return "" if (seconds := self.seconds_left) is None else f"{_duration(seconds)} left"


def _short(number: float) -> str:
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.3g}{letter}"
    return f"{number:.0f}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"


def _silent(stage: str, done: int, total: int | None) -> None:
    pass


@contextmanager
def progress_bar(
    weights: Mapping[str, float] | None = None, *, unit: str = "rows", hidden: bool = False
) -> Iterator[Report]:
    """A function (stage, done, total) that draws a bar after a second of work; silent where hidden or piped."""
    if hidden or is_plain(sys.stderr):
        yield _silent
        return
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _silent
        return
    from rich.progress import BarColumn, Progress, TextColumn  # only where there is something to watch

    course = Course({} if weights is None else weights, unit)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[left]}"),
    )
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task("reading", total=1.0, rate="", left="")

    def report(stage: str, done: int, total: int | None) -> None:
        course.report(stage, done, total)
        if not bar.live.is_started and course.clock() - course.started > _PATIENCE:
            bar.start()
        bar.update(task, description=stage, completed=course.share, rate=course.rate, left=course.left)

    try:
        yield report
    finally:
        bar.stop()
