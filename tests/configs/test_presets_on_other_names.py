"""The presets social, fitness, elearning and news on exports with other usual names, computed by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import run

# One week (Monday 6 to Sunday 12 January 2025) of two customers; the day after closes it.
SOCIAL = """
a,logged_in,2025-01-06T08:00
a,post_liked,2025-01-06T08:04
a,post_created,2025-01-06T08:06
a,logged_in,2025-01-08T20:00
a,comment_created,2025-01-08T20:02
b,sign_in,2025-01-07T10:00
b,friend_added,2025-01-07T10:10
b,reacted,2025-01-07T10:12
"""
FITNESS = """
a,workout_started,2025-01-06T07:00
a,exercise_logged,2025-01-06T07:10
a,exercise_logged,2025-01-06T07:50
a,workout_finished,2025-01-06T08:00
a,training_logged,2025-01-06T18:00
a,run_completed,2025-01-08T07:00
b,class_attended,2025-01-07T19:00
b,exercise_done,2025-01-07T19:30
b,steps_synced,2025-01-09T23:00
"""
ELEARNING = """
a,lesson_opened,2025-01-06T18:00
a,video_played,2025-01-06T18:10
a,quiz_submitted,2025-01-06T18:50
a,problem_solved,2025-01-08T18:00
b,lecture_viewed,2025-01-07T09:00
b,lecture_completed,2025-01-07T09:30
b,exercise_submitted,2025-01-07T09:40
b,dashboard_viewed,2025-01-09T09:00
b,assignment_graded,2025-01-11T09:00
"""
NEWS = """
a,story_view,2025-01-06T07:00
a,story_view,2025-01-06T07:06
a,newsletter_subscribed,2025-01-06T07:10
a,homepage_view,2025-01-07T07:00
b,story_view,2025-01-08T12:00
b,paywall_hit,2025-01-08T12:01
b,subscription_created,2025-01-08T12:05
b,newsletter_sent,2025-01-10T05:00
"""
CASES = {
    # a: 2 visits of 6 and 2 minutes, b: 1 of 12
    "social": (SOCIAL, {
        "logins_per_member": 3 / 2, "time_per_customer": (6 + 2 + 12) * 60 / 2, "likes": 2, "posts": 1, "comments": 1,
        "friends_added": 1, "posting_members": 1 / 2, "participation_rate": 1, "likes_per_post": 2,
    }),
    # a trains on 2 days in 3 trainings (60, 0, 0 minutes), b on 1 in 1 (30); what a watch sends is no visit
    "fitness": (FITNESS, {
        "training_days_per_week": 3 / 2, "exercises_per_session": 3 / 2, "trainings": 4, "training_time": 90 * 60 / 4,
        "training_members": 1, "visit_frequency": 4 / 2, "workouts_finished": 1,
    }),
    # a studies 50 + 0 minutes, b 40; b looks at the dashboard another day, and a teacher grades
    "elearning": (ELEARNING, {
        "study_time_per_learner": (50 + 0 + 40) * 60 / 2, "exercises_solved": 3, "exercises_per_learner": 3 / 2,
        "visit_frequency": 4 / 2, "study_days_per_week": 3 / 2, "practising_learners": 1, "lesson_completion": 1 / 2,
    }),
    # visits of 10, 0 and 5 minutes; what the publisher sends is none
    "news": (NEWS, {
        "session_duration": 15 * 60 / 3, "articles_read": 3, "articles_per_reader": 3 / 2, "reading_days_per_week": 1,
        "newsletter_subscriptions": 1, "newsletter_subscribers": 1 / 2, "new_subscriptions": 1,
        "visit_frequency": 3 / 2,
    }),
}  # fmt: skip


@pytest.mark.parametrize("preset", CASES)
def test_a_week_by_hand(tmp_path: Path, preset: str) -> None:
    lines, expected = CASES[preset]
    rows = [f"{line}:00Z" for line in lines.split()] + ["a,login,2025-01-13T09:00:00Z"]
    (tmp_path / "export.csv").write_text("user_id,event_name,occurred_at\n" + "\n".join(rows) + "\n")
    (tmp_path / "engagement.yaml").write_text(
        f"version: 1\nextends: {preset}\nsources: {{events: {{path: export.csv}}}}\n"
    )
    ran = run("report", "-c", tmp_path / "engagement.yaml", "--every", "week", "--format", "json", "-q")
    assert ran.code == 0
    first: dict[str, float] = {}
    for row in ran.json["metrics"]:
        if row["period_start"] and row["period_start"][:10] == "2025-01-06" and row["complete"]:
            first.setdefault(row["metric"], row["value"])
    assert {metric: first.get(metric) for metric in expected} == pytest.approx(expected)


def test_names_in_words_are_mapped_by_an_expression(tmp_path: Path) -> None:
    rows = ["user,name,at", "a,Workout Started,2025-01-06T07:00:00Z", "a,Workout Completed,2025-01-06T08:00:00Z"]
    rows += ["a,Workout Completed,2025-01-08T08:00:00Z", "a,Exercise Completed,2025-01-13T08:00:00Z"]
    (tmp_path / "export.csv").write_text("\n".join(rows) + "\n")
    columns = """{customer: user, timestamp: at, event: {sql: "lower(replace(name, ' ', '_'))"}}"""
    sources = f"sources: {{events: {{path: export.csv, columns: {columns}}}}}"
    (tmp_path / "engagement.yaml").write_text(f"version: 1\nextends: fitness\n{sources}\n")
    ran = run("report", "-c", tmp_path / "engagement.yaml", "--format", "json", "-q")
    days = [row["value"] for row in ran.json["metrics"] if row["metric"] == "training_days_per_week"]
    assert days[0] == 2
