from __future__ import annotations

import pytest
from settings.conftest import Load

from engagement_cli.settings.definitions import definition_hash

VISITS = "v: {type: aggregate, count: events, events: [visit]}"


def digest(load: Load, metric: str, rest: str = "") -> str:
    loaded = load(f"metrics:\n  {metric}\n{rest}")
    name = metric.partition(":")[0]
    return definition_hash(loaded.settings.metrics[name], loaded.settings)


def test_it_is_twelve_hexadecimal_digits_and_always_the_same(load: Load) -> None:
    first = digest(load, VISITS)
    assert len(first) == 12
    assert int(first, 16) >= 0
    assert digest(load, VISITS) == first


def test_neither_the_name_nor_the_order_of_keys_matters(load: Load) -> None:
    assert digest(load, "w: {events: visit, type: aggregate, count: events, every: month}") == digest(load, VISITS)


@pytest.mark.parametrize(
    "talk",
    [
        "label: x",
        "description: x",
        "stage: use",
        "dimension: value",
        "better: higher",
        "action: call them",
        "target: {at_least: 3}",
        "benchmark: {value: 1, source: us}",
        "report: false",
    ],
)
def test_what_is_said_about_a_number_does_not_change_its_definition(load: Load, talk: str) -> None:
    assert digest(load, VISITS.replace("}", f", {talk}}}", 1)) == digest(load, VISITS)


@pytest.mark.parametrize("change", ["where: a = 1", "every: week", "by: [plan]", "source: events, distinct: a"])
def test_what_changes_the_number_changes_its_definition(load: Load, change: str) -> None:
    metric = VISITS.replace("}", f", {change}}}", 1)
    metric = metric.replace("count: events, ", "") if "distinct" in change else metric
    assert digest(load, metric) != digest(load, VISITS)


@pytest.mark.parametrize(
    "setting",
    [
        "timezone: Europe/Paris",
        "week_start: sunday",
        "exclude: {bots: {where: bot}}",
        "events: {visit: {where: a = 1}}",
        "sources: {events: {path: a.csv, columns: {value: {sql: a * b}}}}",
        "rates: {USD: 0.9}",
    ],
)
def test_settings_that_change_the_number_change_its_definition(load: Load, setting: str) -> None:
    assert digest(load, VISITS, setting) != digest(load, VISITS)


@pytest.mark.parametrize(
    "setting",
    [
        "events: {visit: {weight: 3}, other: {where: a = 1}}",
        "score: {window: 7d}",
        "sources: {events: {path: a.csv, columns: {value: amount}}}",
        "session_gap: 5m",
        "active: [visit]",
        "segments: {plan: {column: a}}",
        "inactive_days: 3",
    ],
)
def test_settings_that_the_metric_does_not_read_leave_its_definition(load: Load, setting: str) -> None:
    assert digest(load, VISITS, setting) == digest(load, VISITS)


RETURNS = "r: {type: retention, start: visit, return: active}"


def test_what_counts_as_active_matters_to_metrics_that_name_it(load: Load) -> None:
    results = [
        digest(load, RETURNS),
        digest(load, RETURNS, "active: [visit]"),
        digest(load, RETURNS, "active: [visit]\nevents: {visit: {where: a}}"),
        digest(load, RETURNS, "events: {visit: {weight: 1}}"),
    ]
    assert len(set(results)) == 4


def test_the_size_of_a_positive_weight_does_not_matter_to_being_active(load: Load) -> None:
    assert digest(load, RETURNS, "events: {a: {weight: 1}}") == digest(load, RETURNS, "events: {a: {weight: 2}}")


def test_sizes_of_weights_matter_to_being_active_where_predicates_may_overlap(load: Load) -> None:
    less, more = (f"events: {{a: {{weight: {weight}}}, b: {{where: x, weight: -2}}}}" for weight in (1, 3))
    assert digest(load, RETURNS, less) != digest(load, RETURNS, more)


def test_the_weight_of_unlisted_events_matters_to_being_active(load: Load) -> None:
    assert digest(load, RETURNS, "score: {default_weight: 1}") != digest(load, RETURNS)


def test_weights_and_bands_matter_to_the_score(load: Load) -> None:
    results = [
        digest(load, "s: {type: score}", rest)
        for rest in ("", "events: {a: {weight: 1}}", "events: {a: {weight: 2}}", "score: {half_life: 3d}")
    ]
    assert len(set(results)) == 4


def test_a_computed_segment_brings_the_score_with_it_and_a_plain_one_does_not(load: Load) -> None:
    segments = "segments: {power: {where: score > 3}, plan: {column: subscriptions.plan}}\n"
    weight = "events: {a: {weight: 1}}"
    by_power, by_plan = (f"v: {{type: aggregate, count: rows, by: {name}}}" for name in ("power", "plan"))
    assert digest(load, by_power, segments) != digest(load, by_power, segments + weight)
    assert digest(load, by_plan, segments) == digest(load, by_plan, segments + weight)


def test_the_session_gap_matters_to_counts_of_sessions(load: Load) -> None:
    sessions = "v: {type: aggregate, count: sessions}"
    assert digest(load, sessions) != digest(load, sessions, "session_gap: 5m")


def test_a_derived_metric_changes_with_the_metrics_that_it_reads(load: Load) -> None:
    derived = "d: {type: derived, of: [v]}"
    other = VISITS.replace("visit", "buy")
    assert digest(load, derived, f"  {VISITS}") != digest(load, derived, f"  {other}")
    labelled = VISITS.replace("}", ", label: x}")
    assert digest(load, derived, f"  {VISITS}") == digest(load, derived, f"  {labelled}")
