from __future__ import annotations

from pathlib import Path

import pytest
from settings.conftest import Load, Refuse

FUNNEL = "metrics: {checkout: {type: funnel, steps: [visit, buy], window: 3d, label: Checkout}}"


def test_without_extends_a_configuration_extends_default(load: Load) -> None:
    loaded = load("timezone: Europe/Paris", default=FUNNEL)
    assert list(loaded.settings.metrics) == ["checkout"]
    assert loaded.files == (Path("engagement.yaml"), Path("presets/default.yaml"))


def test_extends_none_starts_from_nothing(load: Load) -> None:
    loaded = load("extends: none", default=FUNNEL)
    assert loaded.settings.metrics == {}
    assert loaded.files == (Path("engagement.yaml"),)


def test_a_preset_extends_default_too(load: Load) -> None:
    loaded = load("extends: saas", default=FUNNEL, saas="timezone: Europe/Paris")
    assert (loaded.settings.timezone, list(loaded.settings.metrics)) == ("Europe/Paris", ["checkout"])
    assert [f.stem for f in loaded.files] == ["engagement", "saas", "default"]
    assert {f.stem for f in loaded.preset_files} == {"saas", "default"}


def test_no_configuration_is_the_preset_default_alone(load: Load) -> None:
    loaded = load(None, default=FUNNEL)
    assert loaded.files == (Path("presets/default.yaml"),)
    assert loaded.entry_files == {"checkout": "presets/default.yaml:1"}
    assert loaded.directory == Path.cwd()


def test_extends_may_be_a_file_relative_to_the_configuration(load: Load) -> None:
    files = {"team/base.yaml": "extends: ../company.yaml\ninactive_days: 7", "company.yaml": "timezone: Asia/Tokyo"}
    loaded = load("extends: team/base.yaml", files)
    assert (loaded.settings.inactive_days, loaded.settings.timezone) == (7, "Asia/Tokyo")
    assert {f.stem for f in loaded.preset_files} == {"default"}


def test_an_unknown_preset_suggests_the_known_ones(refuse: Refuse) -> None:
    (problem,) = refuse("timezone: UTC\nextends: sas", saas="")
    assert problem.what == "there is no preset 'sas'"
    assert problem.where == "engagement.yaml:2 extends"
    assert problem.hint == "did you mean 'saas'?"


def test_a_file_that_is_not_there_is_reported_where_it_is_named(refuse: Refuse) -> None:
    (problem,) = refuse("timezone: UTC\nextends: base.yaml")
    assert problem.what == "there is no configuration file base.yaml"
    assert problem.where == "engagement.yaml:2 extends"


@pytest.mark.parametrize("extends", ["extends:", "extends: [a, b]", "extends: 3", "extends: ''"])
def test_extends_must_name_something(refuse: Refuse, extends: str) -> None:
    (problem,) = refuse(extends)
    assert (problem.what, problem.where) == ("extends: names a preset or a file", "engagement.yaml:1 extends")


def test_a_circle_is_an_error_that_names_the_files(refuse: Refuse) -> None:
    (problem,) = refuse("extends: a.yaml", {"a.yaml": "extends: b.yaml", "b.yaml": "inactive_days: 1\nextends: a.yaml"})
    assert problem.what == "extends: goes in a circle: engagement.yaml → a.yaml → b.yaml → a.yaml"
    assert problem.where == "b.yaml:2 extends"


def test_a_configuration_that_extends_itself_is_a_circle(refuse: Refuse) -> None:
    (problem,) = refuse("extends: ./engagement.yaml")
    assert "circle" in problem.what


def test_entries_of_several_files_merge_field_by_field(load: Load) -> None:
    loaded = load("metrics: {checkout: {window: 7d}}", default=FUNNEL)
    checkout = loaded.settings.metrics["checkout"].model_dump(mode="json")
    assert (checkout["window"], checkout["label"], len(checkout["steps"])) == ("7d", "Checkout", 2)
    assert loaded.entry_files == {"checkout": "engagement.yaml:1"}


def test_metrics_that_a_configuration_names_come_first_then_those_of_what_it_extends(load: Load) -> None:
    default = "metrics: {a: {type: aggregate, count: events}, b: {type: aggregate, count: events}}"
    preset = "metrics: {c: {type: aggregate, count: events}, b: {label: B}}"
    assert list(load("extends: saas", default=default, saas=preset).settings.metrics) == ["c", "b", "a"]
    own = "extends: saas\nmetrics: {d: {type: aggregate, count: events}, a: {label: A}}"
    assert list(load(own, default=default, saas=preset).settings.metrics) == ["d", "a", "c", "b"]


def test_a_metric_that_states_its_type_replaces_the_inherited_one_whole(load: Load) -> None:
    loaded = load("metrics: {checkout: {type: funnel, steps: [a]}}", default=FUNNEL)
    checkout = loaded.settings.metrics["checkout"]
    assert checkout.label is None
    assert checkout.model_dump(mode="json")["window"] == "14d"


def test_a_segment_that_states_where_replaces_a_column(load: Load) -> None:
    loaded = load("segments: {s: {where: a > 1}}", default="segments: {s: {column: a, cut: [1]}, t: {column: b}}")
    assert loaded.settings.segments["s"].column is None
    assert list(loaded.settings.segments) == ["s", "t"]


def test_a_segment_takes_new_cuts_without_its_column(load: Load) -> None:
    loaded = load("segments: {s: {cut: [2, 3]}}", default="segments: {s: {column: a, cut: [1]}}")
    assert loaded.settings.segments["s"].cut == (2.0, 3.0)


def test_an_event_extends_field_by_field_unless_it_states_where(load: Load) -> None:
    default = "events: {a: {weight: 2, cap: 5}, b: {weight: 2, cap: 5}}"
    events = load("events: {a: {weight: 3}, b: {where: x = 1}}", default=default).settings.events
    assert (events["a"].weight, events["a"].cap) == (3.0, 5)
    assert (events["b"].weight, events["b"].cap) == (0.0, None)


def test_score_merges_field_by_field_and_bands_replace(load: Load) -> None:
    default = "score: {window: 7d, half_life: 2d, bands: {low: 0, top: 50}}"
    score = load("score: {window: 14d, bands: {any: 1}}", default=default).settings.score
    assert (score.window.days, score.half_life is not None, score.bands) == (14, True, {"any": 1.0})


def test_a_mapping_inside_a_field_replaces_the_inherited_one(load: Load) -> None:
    default = "metrics: {v: {type: aggregate, count: events, target: {at_most: 3}}}"
    target = load("metrics: {v: {target: {at_least: 5}}}", default=default).settings.metrics["v"].target
    assert target is not None
    assert (target.at_least, target.at_most) == (5.0, None)


def test_lists_and_scalars_replace(load: Load) -> None:
    loaded = load("active: [b]\ninactive_days: 3", default="active: [a, c]\ninactive_days: 9")
    assert loaded.settings.active_selection().events == ("b",)
    assert loaded.settings.inactive_days == 3


def test_null_removes_an_inherited_entry(load: Load) -> None:
    assert load("metrics: {checkout: null}", default=FUNNEL).settings.metrics == {}


def test_null_removes_an_inherited_field_and_a_top_level_value(load: Load) -> None:
    loaded = load("currency: null\nmetrics: {checkout: {window: ~}}", default=f"currency: EUR\n{FUNNEL}")
    assert loaded.settings.currency is None
    assert loaded.settings.metrics["checkout"].model_dump(mode="json")["window"] == "14d"


def test_an_empty_section_says_nothing(load: Load) -> None:
    assert list(load("metrics:\n  # all commented out\n", default=FUNNEL).settings.metrics) == ["checkout"]


def test_removing_what_is_not_there_is_a_problem_with_a_suggestion(refuse: Refuse) -> None:
    (problem,) = refuse("metrics:\n  chekout:\n", default=FUNNEL)
    assert problem.what == "'chekout' is empty, and there is no inherited entry of that name to remove"
    assert (problem.where, problem.hint) == ("engagement.yaml:2 metrics.chekout", "did you mean 'checkout'?")


def test_paths_of_sources_are_resolved_against_the_file_that_names_them(load: Load) -> None:
    files = {"team/base.yaml": "sources: {surveys: {path: nps.csv}}"}
    text = """
        extends: team/base.yaml
        sources:
          events: {path: [a/*.csv, /data/b.csv, "s3://bucket/c.parquet"]}
    """
    sources = load(text, files).settings.sources
    here = Path.cwd()
    assert sources.events is not None
    assert sources.events.path == (str(here / "a/*.csv"), "/data/b.csv", "s3://bucket/c.parquet")
    assert sources.surveys is not None
    assert sources.surveys.path == (str(here / "team/nps.csv"),)


def test_a_source_extends_an_inherited_one(load: Load) -> None:
    source = load("sources: {events: {dedupe: id}}", default="sources: {events: {path: a.csv}}").settings.sources.events
    assert source is not None
    assert (source.dedupe, Path(source.path[0]).name) == ("id", "a.csv")
