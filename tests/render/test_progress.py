"""Progress: one estimate over all stages, in words, and only on a terminal."""

from __future__ import annotations

import pytest

from engagement_cli.render import progress
from engagement_cli.render.progress import Course, progress_bar, weights_of_report


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def course(watch: Watch, **weights: float) -> Course:
    return Course({name.replace("_", " "): weight for name, weight in weights.items()}, clock=watch)


def test_the_time_left_counts_the_stages_to_come() -> None:
    watch = Watch()
    work = course(watch, reading=1, measuring=2, measuring_by_customer=1)
    assert (work.share, work.seconds_left, work.left, work.rate) == (0, None, "", "")
    watch.now += 10
    work.report("reading", 500_000, 1_000_000)
    assert work.share == pytest.approx(0.125)
    assert work.seconds_left == pytest.approx(70)
    assert (work.left, work.rate) == ("70 s left", "50 k rows/s")
    watch.now += 10
    work.report("reading", 1_000_000, 1_000_000)
    watch.now += 10
    work.report("measuring", 2, 8)
    assert (work.share, work.rate) == (0.375, "25 k rows/s")
    watch.now += 30
    work.report("measuring", 8, 8)
    assert work.seconds_left == pytest.approx(20)
    assert work.rate == "25 k rows/s"


def test_a_stage_that_is_skipped_says_nothing_of_the_time_left() -> None:
    watch = Watch()
    work = course(watch, reading=1, measuring=2)
    watch.now += 10
    work.report("measuring", 1, 4)
    assert work.share == pytest.approx(0.25)
    assert work.seconds_left == pytest.approx(30)


def test_without_a_total_nothing_is_estimated() -> None:
    watch = Watch()
    work = course(watch, reading=1, measuring=2)
    watch.now += 10
    work.report("reading", 70, None)
    assert (work.share, work.left, work.rate) == (0, "", "7 rows/s")


def test_more_than_was_expected_is_not_beyond_the_end() -> None:
    watch = Watch()
    work = course(watch, reading=1)
    watch.now += 10
    work.report("reading", 200, 100)
    assert work.share == 1
    assert work.left == "1 s left"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "1 s"), (89, "89 s"), (90, "2 min"), (3000, "50 min"), (7500, "2 h 05 min")]
)
def test_durations_are_words(seconds: float, said: str) -> None:
    assert progress._duration(seconds) == said


def test_every_metric_adds_to_the_measuring() -> None:
    few, many = weights_of_report(5), weights_of_report(150)
    assert list(few) == ["reading", "measuring", "measuring by customer"]
    assert few["measuring"] < many["measuring"]


@pytest.mark.parametrize("terminal", [True, False])
def test_it_is_drawn_on_a_terminal_only(
    terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    if terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(progress, "_PATIENCE", -1.0)
    with progress_bar(weights_of_report(10)) as report:
        report("reading", 50, 100)
    said = capsys.readouterr().err
    assert ("reading" in said) == terminal
    assert ("left" in said) == terminal
