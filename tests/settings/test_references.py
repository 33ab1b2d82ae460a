from __future__ import annotations

from pathlib import Path

from settings.conftest import Load, Refuse

from engagement_cli.settings.loader import find_configuration
from engagement_cli.settings.references import Doubt, check_references

FUNNEL = "metrics:\n  f: {type: funnel, steps: [visit, chekout], window: 1d}\n"
EVENTS = {"visit", "checkout", "buy"}


def test_an_event_that_the_export_lacks_is_an_error_with_a_suggestion(load: Load) -> None:
    (problem,) = check_references(load(FUNNEL), known_events=EVENTS, known_columns=None)
    assert not isinstance(problem, Doubt)
    assert problem.what == "unknown event 'chekout'"
    assert (problem.where, problem.hint) == ("engagement.yaml:2 metrics.f.steps[1]", "did you mean 'checkout'?")


def test_without_exports_an_unknown_event_is_a_doubt(load: Load) -> None:
    problems = check_references(load(FUNNEL), known_events=None, known_columns=None)
    assert [p.what for p in problems] == ["unknown event 'visit'", "unknown event 'chekout'"]
    assert all(isinstance(p, Doubt) for p in problems)


def test_a_configured_or_inherited_event_is_known(load: Load) -> None:
    loaded = load(FUNNEL + "events: {visit: {weight: 1}}", default="events: {chekout: {where: a = 1}}")
    assert check_references(loaded, known_events=None, known_columns=None) == []


def test_active_is_known_without_being_an_event(load: Load) -> None:
    loaded = load("metrics: {r: {type: retention, start: visit, return: active}}")
    assert check_references(loaded, known_events=EVENTS, known_columns=None) == []


def test_presets_may_name_what_the_export_lacks(load: Load) -> None:
    loaded = load("timezone: UTC", default=FUNNEL + "active: [none]\nkey_features: [none]")
    assert check_references(loaded, known_events=EVENTS, known_columns={}) == []


def test_the_users_own_field_of_an_inherited_metric_is_checked(load: Load) -> None:
    loaded = load("metrics: {f: {steps: [visit, bye], label: x}}", default=FUNNEL)
    assert [p.what for p in check_references(loaded, known_events=EVENTS, known_columns=None)] == [
        "unknown event 'bye'"
    ]


def test_a_label_does_not_make_an_inherited_metric_the_users_own(load: Load) -> None:
    loaded = load("metrics: {f: {label: x}}", default=FUNNEL)
    assert check_references(loaded, known_events=EVENTS, known_columns=None) == []


def test_a_file_of_ones_own_that_is_extended_is_checked_too(load: Load) -> None:
    loaded = load("extends: base.yaml", {"base.yaml": FUNNEL})
    (problem,) = check_references(loaded, known_events=EVENTS, known_columns=None)
    assert problem.where == "base.yaml:2 metrics.f.steps[1]"


def test_events_are_found_in_every_form_of_every_field(load: Load) -> None:
    loaded = load("""
metrics:
  a: {type: retention, start: one, return: [buy, two]}
  b: {type: retention, start: {event: three}, return: {events: four}}
  c: {type: ratio, numerator: {count: rows, events: [buy, five]}, denominator: {count: rows, events: six}}
  d: {type: aggregate, count: events, events: seven}
active: [eight]
key_features: [an event, or a value of the feature column]
""")
    problems = check_references(loaded, known_events=EVENTS, known_columns=None)
    assert [(p.what.split("'")[1], (p.where or "").split(" ")[1]) for p in problems] == [
        ("one", "metrics.a.start"),
        ("two", "metrics.a.return[1]"),
        ("three", "metrics.b.start.event"),
        ("four", "metrics.b.return.events"),
        ("five", "metrics.c.numerator.events[1]"),
        ("six", "metrics.c.denominator.events"),
        ("seven", "metrics.d.events"),
        ("eight", "active[0]"),
    ]


def test_a_weight_for_an_event_that_the_export_lacks_is_a_doubt(load: Load) -> None:
    loaded = load("events: {chekout: {weight: 1}, big: {where: value > 9}}")
    (problem,) = check_references(loaded, known_events=EVENTS, known_columns=None)
    assert isinstance(problem, Doubt)
    assert (problem.where, problem.hint) == ("engagement.yaml:1 events.chekout", "did you mean 'checkout'?")


BY = "metrics: {v: {type: aggregate, count: rows, by: [plan, subscriptions.tier, coutry]}}\n"
COLUMNS = {"events": {"customer", "country"}, "subscriptions": {"tier"}}


def test_an_unknown_segment_is_an_error_once_the_columns_are_known(load: Load) -> None:
    loaded = load(BY + "segments: {plan: {column: subscriptions.tier}}")
    (problem,) = check_references(loaded, known_events=None, known_columns=COLUMNS)
    assert not isinstance(problem, Doubt)
    assert problem.what == "unknown segment or column 'coutry'"
    assert (problem.where, problem.hint) == ("engagement.yaml:1 metrics.v.by[2]", "did you mean 'country'?")


def test_without_columns_an_unknown_segment_is_a_doubt(load: Load) -> None:
    loaded = load(BY + "segments: {plan: {column: a}}")
    problems = check_references(loaded, known_events=None, known_columns=None)
    assert [p.what.split("'")[1] for p in problems] == ["subscriptions.tier", "coutry"]
    assert all(isinstance(p, Doubt) for p in problems)


def test_a_mapped_property_is_known_as_a_segment(load: Load) -> None:
    text = "metrics: {v: {type: aggregate, count: rows, by: channel}}\n"
    loaded = load(text + "sources: {events: {path: a.csv, columns: {channel: utm_source}}}")
    assert check_references(loaded, known_events=None, known_columns=None) == []


def test_a_segment_on_a_column_that_its_source_lacks_is_an_error(load: Load) -> None:
    loaded = load("segments: {plan: {column: subscriptions.teir}, tenure: {column: tenure_days}}")
    (problem,) = check_references(loaded, known_events=None, known_columns=COLUMNS)
    assert problem.what == "unknown column 'subscriptions.teir'"
    assert problem.where == "engagement.yaml:1 segments.plan.column"
    assert problem.hint == "did you mean 'subscriptions.tier'?"


def test_gates_and_alerts_on_unknown_metrics_are_problems(refuse: Refuse) -> None:
    text = "metrics: {churn: {type: subscription, measure: churn_rate}}\n"
    problems = refuse(text + "gates:\n- {metric: churm, at_most: 1}\nalerts:\n- {metric: x, at_most: 1}")
    assert [(p.what, p.where) for p in problems] == [
        ("there is no metric 'churm'", "engagement.yaml:3 gates[0].metric"),
        ("there is no metric 'x'", "engagement.yaml:5 alerts[0].metric"),
    ]
    assert problems[0].hint == "did you mean 'churn'?"


def test_a_metric_computed_from_an_unknown_one_is_a_problem(refuse: Refuse) -> None:
    (problem,) = refuse("metrics:\n  d: {type: derived, of: [nothing]}")
    assert (problem.what, problem.where) == ("there is no metric 'nothing'", "engagement.yaml:2 metrics.d")


def test_metrics_computed_from_each_other_are_a_problem(refuse: Refuse) -> None:
    problems = refuse("metrics:\n  a: {type: derived, of: [b]}\n  b: {type: derived, of: [a]}\n")
    assert [p.what for p in problems] == [f"the metric {name!r} is computed from itself" for name in "ab"]


def test_the_name_active_is_reserved(refuse: Refuse) -> None:
    (problem,) = refuse("events: {active: {weight: 1}}")
    assert (problem.what, problem.where) == (
        "`active` is reserved for what `active:` says",
        "engagement.yaml:1 events.active",
    )
    (problem,) = refuse("active: [active]")
    assert problem.what == "`active:` cannot name itself"


def test_the_configuration_is_found_here_or_in_the_nearest_parent(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert find_configuration(inner) is None
    (tmp_path / "engagement.yaml").touch()
    assert find_configuration(inner) == tmp_path / "engagement.yaml"
    (tmp_path / "a" / "engagement.yaml").mkdir()
    assert find_configuration(inner) == tmp_path / "engagement.yaml"
    (inner / "engagement.yaml").touch()
    assert find_configuration(inner) == inner / "engagement.yaml"


def test_a_signal_is_an_event_or_something_that_the_customer_table_knows(load: Load) -> None:
    loaded = load("dimensions: {influence: {signals: {nps: 1, active_days: 1, buy: 2, nsp: 1}}}")
    (problem,) = check_references(loaded, known_events=EVENTS, known_columns=None)
    assert problem.what == "unknown event or signal 'nsp'"
    assert (problem.where, problem.hint) == (
        "engagement.yaml:1 dimensions.influence.signals.nsp",
        "did you mean 'nps'?",
    )
