"""Every preset on a sample of its sector: everything has a value; social, fitness, elearning, news judged by SQL."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import polars as pl
import pytest
import yaml
from support.catalogue import sample_session
from support.commands import run
from support.presets import Measured, judge_once, judged, measured_once, sessions

PRESETS = ("social", "fitness", "elearning", "news", "saas", "ecommerce", "streaming", "messaging")
SYSTEM = "'email_delivered', 'email_opened', 'ad_impression', 'ticket_replied', 'ticket_resolved', 'refund'"
VISITS = f"event NOT IN ({SYSTEM})"
EXERCISES = "event = 'exercise_completed'"
TRAININGS = "event IN ('workout_started', 'workout_completed', 'exercise_completed')"
STUDY = (
    "event IN ('lesson_started', 'lesson_completed', 'video_watched', 'exercise_solved', 'exercise_failed', "
    "'quiz_passed', 'quiz_failed', 'assignment_submitted', 'note_created')"
)
SOLVED = "event IN ('exercise_solved', 'quiz_passed')"
PER_CUSTOMER = "count(*) / count(DISTINCT customer)"
DAYS = "count(DISTINCT (customer, ts::DATE)) / count(DISTINCT customer)"
SECONDS_PER_CUSTOMER = "sum(seconds) / count(DISTINCT customer)"


def known(predicate: str) -> str:
    return f"(SELECT * FROM e WHERE customer IS NOT NULL AND {predicate})"


def begun(predicate: str, minutes: int) -> str:
    return f"(SELECT *, begun AS ts FROM {sessions(predicate, minutes)})"


NEW_OR_OLD = """(
    SELECT * FROM e JOIN (SELECT content_id, min(ts)::DATE AS first FROM e GROUP BY content_id) USING (content_id)
    WHERE event IN ('article_read', 'podcast_play', 'video_view'))"""


# preset, metric, period, value, rows: METRICS of the sector in other words, over the raw files.
JUDGED = [
    ("social", "logins_per_member", "month", PER_CUSTOMER, known("event = 'login'")),
    ("social", "time_per_customer", "month", SECONDS_PER_CUSTOMER, begun(VISITS, 30)),
    ("social", "posts", "month", "count(*)", "e WHERE event IN ('post', 'photo_upload', 'video_upload', 'blog_post')"),
    ("social", "likes", "month", "count(*)", "e WHERE event = 'like'"),
    ("social", "comments", "month", "count(*)", "e WHERE event = 'comment'"),
    ("social", "friends_added", "month", "count(*)", "e WHERE event IN ('follow', 'friend_request_accepted')"),
    ("fitness", "training_days_per_week", "week", DAYS, known(TRAININGS)),
    ("fitness", "training_time", "week", "avg(seconds)", begun(TRAININGS, 90)),
    ("fitness", "visit_frequency", "week", PER_CUSTOMER, begun(VISITS, 90)),
    ("elearning", "study_time_per_learner", "week", SECONDS_PER_CUSTOMER, begun(STUDY, 60)),
    ("elearning", "exercises_solved", "week", "count(*)", f"e WHERE {SOLVED}"),
    ("elearning", "exercises_per_learner", "week", PER_CUSTOMER, known(SOLVED)),
    ("elearning", "visit_frequency", "week", PER_CUSTOMER, begun(VISITS, 60)),
    ("elearning", "study_days_per_week", "week", DAYS, known(STUDY)),
    ("news", "session_duration", "month", "avg(seconds)", begun(VISITS, 30)),
    ("news", "articles_read", "month", "count(*)", "e WHERE event = 'article_read'"),
    ("news", "articles_per_reader", "month", PER_CUSTOMER, known("event = 'article_read'")),
    ("news", "new_content_share", "month", "avg((ts::DATE - first <= 7)::INTEGER)", NEW_OR_OLD),
    ("news", "reading_days_per_week", "week", DAYS, known("event = 'article_read'")),
    ("news", "newsletter_subscriptions", "month", "count(*)", "e WHERE event = 'newsletter_signup'"),
    ("news", "new_subscriptions", "month", "count(DISTINCT customer)", "e WHERE event = 'trial_started'"),
]


@pytest.fixture(scope="module", params=PRESETS)
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return measured_once(request.param, tmp_path_factory.getbasetemp())


def test_every_metric_of_the_preset_has_a_number_for_a_complete_period(measured: Measured) -> None:
    metrics = measured.session.settings.metrics
    shown = [name for name in measured.own if metrics[name].report]
    assert {name: why for name, why in measured.outcome.answer.unavailable.items() if name in shown} == {}
    empty = [name for name in shown if not measured.values(name)]
    assert empty == []


def test_shares_lie_between_zero_and_one_and_say_so(measured: Measured) -> None:
    for metric in measured.outcome.answer.metrics:
        shares = metric.rows.filter(pl.col("unit") == "share", pl.col("value").is_not_null())
        assert shares["value"].is_between(0, 1).all(), metric.name
        assert not metric.rows["flags"].str.contains("above_one").any(), metric.name


def test_every_metric_says_what_it_is_and_no_label_comes_twice(measured: Measured) -> None:
    metrics = measured.session.settings.metrics
    said = {name: (p.label, p.description, p.dimension, p.stage, p.better) for name, p in metrics.items()}
    lacking = [name for name in measured.own if not all(said[name])]
    assert lacking == []
    labels = Counter(p.label for p in metrics.values() if p.report)
    assert [label for label, count in labels.items() if count > 1] == []


def test_the_main_metrics_say_what_to_do_and_none_has_a_benchmark_of_its_own(measured: Measured) -> None:
    metrics = measured.session.settings.metrics
    assert len([name for name in measured.own if metrics[name].action]) >= 5
    assert [name for name in measured.own if metrics[name].benchmark is not None] == []


def test_a_share_counts_no_event_above_that_is_not_counted_below(measured: Measured) -> None:
    for name in measured.own:
        entry = measured.session.settings.metrics[name].model_dump()
        shared = entry["report"] and entry["type"] == "ratio" and entry["unit"] == "share"
        if shared and entry["denominator"]["source"] == "events":
            assert set(entry["numerator"]["events"]) <= set(entry["denominator"]["events"]), name


def test_every_event_of_the_sample_has_a_weight(measured: Measured) -> None:
    assert set(measured.outcome.merged.kinds.events) - set(measured.session.settings.events) == set()


def test_every_event_that_a_metric_of_the_preset_names_has_a_weight(measured: Measured) -> None:
    settings = measured.session.settings
    named = {event for name in measured.own for event in _names(settings.metrics[name].model_dump())}
    general = {event for entry in sample_session().settings.metrics.values() for event in _names(entry.model_dump())}
    assert named - set(settings.events) - general == set()


def _names(value: object) -> set[str]:
    """All event names within an entry."""
    if isinstance(value, dict):
        own = set(value.get("events") or ()) if isinstance(value.get("events"), tuple) else set()
        return own.union(*(_names(child) for child in value.values()))
    return set().union(*(_names(child) for child in value)) if isinstance(value, tuple) else set()


@pytest.mark.parametrize(("preset", "metric", "every", "value", "table"), JUDGED, ids=lambda value: str(value)[:24])
def test_the_number_is_that_of_sql_over_the_raw_files(
    tmp_path_factory: pytest.TempPathFactory, preset: str, metric: str, every: str, value: str, table: str
) -> None:
    found = measured_once(preset, tmp_path_factory.getbasetemp())
    expected = judged(judge_once(found.folder), every, value, table)
    values = found.values(metric)
    assert len(values) > 3
    assert values == {period: pytest.approx(expected[period], rel=1e-9) for period in values}


def test_exercises_per_session_is_that_of_sql(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = measured_once("fitness", tmp_path_factory.getbasetemp())
    connection = judge_once(found.folder)
    exercises = judged(connection, "week", "count(*)", known(EXERCISES))
    trainings = judged(connection, "week", "count(*)", begun(EXERCISES, 90))
    values = found.values("exercises_per_session")
    assert len(values) > 20
    assert values == {week: pytest.approx(exercises[week] / trainings[week], rel=1e-9) for week in values}


def test_check_finds_only_the_flaws_that_the_sample_has_on_purpose(measured: Measured) -> None:
    ran = run("check", "-c", measured.folder / "engagement.yaml", "--format", "json")
    assert ran.code == 0
    assert {row["code"] for row in ran.json["rows"]} <= {"bad_cells", "bad_cell", "duplicates", "no_customer"}


def test_init_on_the_sample_extends_the_preset_and_runs(
    measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init", *sorted(measured.folder.glob("*.csv"))).code == 0
    written = yaml.safe_load((tmp_path / "engagement.yaml").read_text())
    preset = measured.session.settings.extends
    # the packaged catalogue speaks the language of such products already
    assert written.get("extends") == (None if preset == "saas" else preset)
    assert run("check").code == 0
    ran = run("report", "--format", "json", "-q")
    assert ran.code == 0
    assert {metric for name, metric, *_ in JUDGED if name == preset} <= {row["metric"] for row in ran.json["metrics"]}


@pytest.mark.parametrize("preset", ["social", "fitness", "elearning", "news"])
def test_features_shows_what_customers_do_where_no_column_has_features(
    tmp_path_factory: pytest.TempPathFactory, preset: str
) -> None:
    folder = measured_once(preset, tmp_path_factory.getbasetemp()).folder
    ran = run("features", "-c", folder / "engagement.yaml", "--format", "json", "-q")
    assert ran.code == 0
    shown = {name for row in ran.json["rows"] for name in row}
    assert {"participation_rate", "training_members", "practising_learners", "articles_per_reader"} & shown


def test_explain_works_for_every_metric_that_the_preset_adds(measured: Measured) -> None:
    metrics = measured.session.settings.metrics
    for name in [name for name in measured.own if metrics[name].report][:3]:
        ran = run("explain", name, "-c", measured.folder / "engagement.yaml", "-q")
        assert ran.code == 0, name
        assert metrics[name].label in ran.out, name
