from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from support.commands import run

EVENTS = {
    "social": ("feed_view", "post_liked", "comment_created", "friend_added"),
    "fitness": ("workout_started", "workout_completed", "exercise_completed", "goal_set"),
    "elearning": ("lesson_started", "lesson_completed", "exercise_solved", "course_enrolled"),
    "news": ("article_viewed", "newsletter_signup", "paywall_shown", "article_shared"),
}
GAPS = {"social": "30m", "fitness": "90m", "elearning": "1h", "news": "30m"}


def write_export(folder: Path, events: tuple[str, ...]) -> None:
    rows = ["user_id,event_name,occurred_at"]
    rows += [f"u{i % 5},{events[i % len(events)]},2025-01-{1 + i // 4:02}T10:{i % 60:02}:00Z" for i in range(100)]
    (folder / "e.csv").write_text("\n".join(rows) + "\n")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("preset", EVENTS)
def test_an_export_that_speaks_like_a_preset_extends_it_and_runs(here: Path, preset: str) -> None:
    write_export(here, ("login", *EVENTS[preset]))
    ran = run("init")
    assert ran.code == 0
    assert f"extends the preset {preset}," in ran.err
    written = yaml.safe_load((here / "engagement.yaml").read_text())
    assert written["extends"] == preset
    assert written["session_gap"] == GAPS[preset]
    assert set(written["events"]) == {"login", *EVENTS[preset]}
    assert run("check", "--format", "json").json["rows"] == []
    metrics = {row["metric"] for row in run("report", "--format", "json", "-q").json["metrics"]}
    assert "my_weekly_actions" in metrics
    assert {"sessions", "engagement_score"} <= metrics


def test_weights_are_those_of_the_preset(here: Path) -> None:
    write_export(here, ("login", *EVENTS["news"]))
    run("init")
    written = yaml.safe_load((here / "engagement.yaml").read_text())
    assert written["events"]["paywall_shown"]["weight"] == 0
    assert written["events"]["article_viewed"] == {"weight": 1, "dimensions": ["involvement"]}
    assert "paywall_shown" not in written["active"]


def test_an_export_with_names_of_its_own_extends_nothing_by_name(here: Path) -> None:
    write_export(here, ("login", "ate cake", "sang"))
    run("init")
    written = yaml.safe_load((here / "engagement.yaml").read_text())
    assert "extends" not in written
    assert written["session_gap"] == "30m"
