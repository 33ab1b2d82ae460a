from __future__ import annotations

import pytest
from settings.conftest import Load, Refuse

from engagement_cli.errors import Problem


def one(problems: list[Problem]) -> tuple[str, str | None, str | None]:
    (problem,) = problems
    return problem.what, problem.where, problem.hint


def test_an_unknown_key_suggests_a_known_one(refuse: Refuse) -> None:
    assert one(refuse("\ntimezon: UTC")) == (
        "unknown key 'timezon'",
        "engagement.yaml:2 timezon",
        "did you mean 'timezone'?",
    )


def test_an_unknown_key_inside_an_entry_suggests_one_of_that_entry(refuse: Refuse) -> None:
    what, where, hint = one(refuse("events:\n  a:\n    weigth: 3"))
    assert (what, where, hint) == (
        "unknown key 'weigth'",
        "engagement.yaml:3 events.a.weigth",
        "did you mean 'weight'?",
    )


def test_an_unknown_key_deep_inside_a_metric_suggests_one(refuse: Refuse) -> None:
    text = "metrics: {r: {type: ratio, numerator: {cuont: rows, count: rows}, denominator: {count: rows}}}"
    assert one(refuse(text)) == (
        "unknown key 'cuont'",
        "engagement.yaml:1 metrics.r.numerator.cuont",
        "did you mean 'count'?",
    )


def test_an_unknown_key_of_a_selection_in_a_list_suggests_one(refuse: Refuse) -> None:
    what, where, hint = one(refuse("metrics:\n  f:\n    type: funnel\n    steps:\n    - a\n    - {wher: x}\n"))
    assert (what, where) == ("unknown key 'wher'", "engagement.yaml:6 metrics.f.steps[1].wher")
    assert hint == "did you mean 'where'?"


def test_a_key_that_is_only_the_models_own_name_is_unknown(refuse: Refuse) -> None:
    text = "metrics: {r: {type: retention, start: a, return: b, return_event: b}}"
    assert one(refuse(text))[0] == "unknown key 'return_event'"
    target = "metrics: {v: {type: aggregate, count: rows, target: {increase: 1, within: week, start: 2025-01-01}}}"
    assert "unknown key 'start'" in [p.what for p in refuse(target)]


def test_an_unknown_type_suggests_a_known_one(refuse: Refuse) -> None:
    assert one(refuse("metrics:\n  f:\n    label: x\n    type: funel")) == (
        "the text 'funel' is no type of metric",
        "engagement.yaml:4 metrics.f.type",
        "did you mean 'funnel'?",
    )


def test_a_missing_type_says_so_and_lists_the_types(refuse: Refuse) -> None:
    what, where, hint = one(refuse("metrics:\n  f:\n    steps: [a]"))
    assert (what, where) == ("`type:` is missing, and no metric 'f' is inherited", "engagement.yaml:2 metrics.f")
    assert hint is not None
    assert hint.startswith("type: is one of aggregate, derived, funnel")


def test_a_missing_type_suggests_an_inherited_metric_of_a_similar_name(refuse: Refuse) -> None:
    default = "metrics: {churn: {type: subscription, measure: churn_rate}}"
    assert one(refuse("metrics: {chrun: {label: x}}", default=default))[2] == "did you mean 'churn'?"


def test_a_missing_key_is_reported_at_its_parent(refuse: Refuse) -> None:
    assert one(refuse("metrics:\n  f:\n    type: funnel")) == (
        "`steps:` is missing",
        "engagement.yaml:2 metrics.f.steps",
        None,
    )


@pytest.mark.parametrize(("given", "shown"), [("true", "the boolean true"), ("2025", "the number 2025")])
def test_a_boolean_or_number_where_text_is_expected_asks_for_quotes(refuse: Refuse, given: str, shown: str) -> None:
    what, _, hint = one(refuse(f"exclude: {{a: {{where: {given}}}}}"))
    assert what == f"text is expected, not {shown}"
    assert hint is not None
    assert f'"{given}"' in hint


def test_an_unquoted_no_is_text_where_text_is_expected(load: Load) -> None:
    assert load("metrics: {v: {type: aggregate, count: rows, label: no}}").settings.metrics["v"].label == "no"


@pytest.mark.parametrize(("word", "meant"), [("yes", "true"), ("on", "true"), ("no", "false"), ("OFF", "false")])
def test_a_boolean_of_yaml_1_1_is_an_error_where_a_boolean_is_expected(refuse: Refuse, word: str, meant: str) -> None:
    what, _, hint = one(refuse(f"metrics: {{v: {{type: aggregate, count: rows, report: {word}}}}}"))
    assert (what, hint) == (f"true or false is expected, not the text {word!r}", f"write {meant}")


def test_a_number_among_event_names_asks_for_quotes(refuse: Refuse) -> None:
    what, where, hint = one(refuse("metrics: {f: {type: funnel, steps: [a, 404]}}"))
    assert (what, where) == ("the number 404 selects no events", "engagement.yaml:1 metrics.f.steps[1]")
    assert hint == "put the event's name in quotes"


def test_a_word_outside_a_list_of_words_suggests_one(refuse: Refuse) -> None:
    what, where, hint = one(refuse("week_start: teusday"))
    assert what.startswith("'teusday' is not one of monday, tuesday")
    assert where == "engagement.yaml:1 week_start"
    assert hint is not None
    assert hint.startswith("did you mean 'tuesday'")


def test_a_word_that_is_like_none_of_the_known_ones_lists_them_once(refuse: Refuse) -> None:
    what, _, hint = one(refuse("score: {scale: zzz}"))
    assert (what, hint) == ("'zzz' is not one of percentile, max, none", None)


@pytest.mark.parametrize("where", ["''", '"  "', "[a]"])
def test_a_predicate_must_say_something(refuse: Refuse, where: str) -> None:
    problem = one(refuse(f"exclude: {{a: {{where: {where}}}}}"))
    assert problem[0] in ("the text is empty", "text is expected, not a list")
    assert problem[1] == "engagement.yaml:1 exclude.a.where"


def test_an_unknown_name_of_a_dimension_suggests_one(refuse: Refuse) -> None:
    what, where, hint = one(refuse("dimensions:\n  influense: {signals: {nps: 1}}"))
    assert what == "'influense' is not one of involvement, interaction, intimacy, influence"
    assert (where, hint) == ("engagement.yaml:2 dimensions.influense", "did you mean 'influence'?")


def test_a_mapping_is_asked_for_where_something_else_stands(refuse: Refuse) -> None:
    assert one(refuse("events: {a: 3}"))[0] == "a mapping (key: value) is expected, not the number 3"
    assert one(refuse("metrics: {a: 3}"))[0] == "a mapping (key: value) is expected, not the number 3"
    assert one(refuse("metrics: [a]"))[0] == "a mapping (key: value) is expected, not a list"
    assert one(refuse("score: low"))[0] == "a mapping (key: value) is expected, not the text 'low'"


def test_a_list_is_asked_for_where_something_else_stands(refuse: Refuse) -> None:
    assert one(refuse("gates: {metric: a}"))[0] == "a list is expected, not a mapping"


def test_a_value_of_several_kinds_names_them_all(refuse: Refuse) -> None:
    default = "metrics: {v: {type: aggregate, count: rows}}"
    what, where, _ = one(refuse("gates:\n- {metric: v, at_least: 1, step: 1.5}", default=default))
    assert (what, where) == (
        "text or a whole number is expected, not the number 1.5",
        "engagement.yaml:2 gates[0].step",
    )


def test_a_bound_is_named(refuse: Refuse) -> None:
    assert one(refuse("inactive_days: 0"))[0] == "the number 0 must be more than 0"
    assert one(refuse("metrics: {r: {type: retention, start: a, return: b, intervals: 0}}"))[0] == (
        "the number 0 must be at least 1"
    )


def test_another_version_is_refused(refuse: Refuse) -> None:
    assert one(refuse("version: 2")) == ("1 is expected, not the number 2", "engagement.yaml:1 version", None)


@pytest.mark.parametrize("window", ["3 moons", "14", "-2d", "0d", "1e9w", "12:30"])
def test_a_duration_that_is_none_shows_how_to_write_one(refuse: Refuse, window: str) -> None:
    what, where, hint = one(refuse(f"score: {{window: {window}}}"))
    assert "duration" in what
    assert (where, hint is not None) == ("engagement.yaml:1 score.window", True)


def test_a_share_above_one_is_refused_with_both_ways_to_write_it(refuse: Refuse) -> None:
    ratio = "metrics: {r: {type: ratio, numerator: {count: rows}, denominator: {count: rows}, least_share: 70}}"
    assert one(refuse(ratio))[0::2] == ("the number 70 is no share", "write 70% or 0.7")


def test_a_time_zone_suggests_the_one_of_that_city(refuse: Refuse) -> None:
    assert one(refuse("timezone: Paris")) == (
        "'Paris' is no time zone",
        "engagement.yaml:1 timezone",
        "did you mean 'Europe/Paris'?",
    )
    hint = one(refuse("sources: {events: {path: a.csv, timezone: Europe/Pariss}}"))[2]
    assert hint is not None
    assert hint.startswith("did you mean 'Europe/Paris'")


@pytest.mark.parametrize("zone", ["Europe", "../etc/passwd", "''", "Mars/Olympus"])
def test_a_time_zone_that_cannot_be_is_refused(refuse: Refuse, zone: str) -> None:
    assert "is no time zone" in one(refuse(f"timezone: {zone}"))[0]


def test_a_currency_suggests_a_code(refuse: Refuse) -> None:
    assert one(refuse("currency: euro"))[0::2] == ("'euro' is no currency code", "did you mean 'EUR'?")
    assert one(refuse("rates: {usd: 1.1}"))[:2] == ("'usd' is no currency code", "engagement.yaml:1 rates.usd")


def test_a_rule_over_several_fields_points_at_the_entry(refuse: Refuse) -> None:
    assert one(refuse("segments:\n  s:\n    column: a\n    where: b"))[1] == "engagement.yaml:2 segments.s"


def test_a_column_must_be_a_name_or_an_expression(refuse: Refuse) -> None:
    what, where, _ = one(refuse("sources:\n  events:\n    path: a.csv\n    columns:\n      value: {sq: x}"))
    assert (what, where) == ("a mapping names no column", "engagement.yaml:5 sources.events.columns.value")


def test_a_source_needs_a_path(refuse: Refuse) -> None:
    assert one(refuse("sources: {events: {dedupe: id}}"))[0] == "`path:` is missing"
    assert one(refuse("sources: {events: {path: []}}"))[0] == "no path is given"


def test_a_gate_needs_a_threshold(refuse: Refuse) -> None:
    default = "metrics: {v: {type: aggregate, count: rows}}"
    assert one(refuse("alerts: [{metric: v}]", default=default))[0] == "a gate or alert needs at_least: or at_most:"


def test_all_problems_of_a_file_come_at_once_sorted_by_line(refuse: Refuse) -> None:
    text = """metrics:
  f: {type: funnel, steps: [1]}
  g: {type: funel}
inactive_days: no
timezon: UTC
signals:
  s: {where: a}
"""
    assert [p.where for p in refuse(text)] == [
        "engagement.yaml:2 metrics.f.steps[0]",
        "engagement.yaml:3 metrics.g.type",
        "engagement.yaml:4 inactive_days",
        "engagement.yaml:5 timezon",
        "engagement.yaml:7 signals.s.reason",
    ]


def test_repeated_keys_come_with_the_other_problems(refuse: Refuse) -> None:
    whats = [p.what for p in refuse("timezone: UTC\ntimezone: UTC\ninactive_days: -1")]
    assert whats == ["the key 'timezone' stands twice, in line 1 and in line 2", "the number -1 must be more than 0"]


def test_a_problem_points_at_the_file_in_which_the_value_stands(refuse: Refuse) -> None:
    default = "\n\nmetrics:\n  f:\n    type: funnel\n    steps: [a]\n    window: soon"
    assert one(refuse("metrics: {f: {label: x}}", default=default))[1] == "presets/default.yaml:7 metrics.f.window"


def test_the_configurations_own_problems_come_before_those_of_what_it_extends(refuse: Refuse) -> None:
    problems = refuse("\n\n\ninactive_days: 0", default="week_start: never")
    assert [p.where for p in problems] == ["engagement.yaml:4 inactive_days", "presets/default.yaml:1 week_start"]


def test_messages_hold_no_words_of_the_validation_library(refuse: Refuse) -> None:
    text = """
version: x
inactive_days: 1.5
active: 3
annotations: [{date: soon, text: 1}]
events: {a: {weight: [1], cap: x, dimensions: 3}}
score: {bands: {}, scale: 3, reference: 20250630}
metrics:
  a: {type: aggregate, by: 3, every: daily, target: {at_least: 1, at_most: 2}, count: all}
  b: {type: [funnel]}
  c: {type: retention, start: {}, return: {events: 3}, intervals: two}
"""
    problems = refuse(text)
    said = " ".join(f"{p.what} {p.hint or ''}" for p in problems)
    for jargon in ("Input", "valid", "pydantic", "type=", "Value error", "tuple", "dict", "string", "instance", "None"):
        assert jargon not in said
    assert len(problems) >= 15


def test_what_holds_too_much_says_how_much_it_may(refuse: Refuse) -> None:
    rules = "".join(f"\n  r{n}: {{where: 'value = {n}'}}" for n in range(251))
    assert one(refuse(f"exclude:{rules}"))[:2] == ("at most 250 entries can stand here", "engagement.yaml:1 exclude")


@pytest.mark.parametrize("cut", ["[]", "[3, 1]", "[1, 1]"])
def test_bounds_of_a_segment_rise(refuse: Refuse, cut: str) -> None:
    assert "at least one bound, and rises" in one(refuse(f"segments: {{s: {{column: a, cut: {cut}}}}}"))[0]
