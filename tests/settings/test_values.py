from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.errors import UserError
from engagement_cli.settings.metric import Aggregate, Benchmark, Target
from engagement_cli.settings.presets import shipped_preset
from engagement_cli.settings.scoring import Score, Segment
from engagement_cli.settings.values import (
    Grain,
    Selection,
    format_duration,
    parse_duration,
    parse_grain,
    parse_instant,
    parse_number,
    parse_selection,
    parse_share,
)


@given(st.timedeltas(timedelta(microseconds=1), timedelta(days=36_500)))
def test_a_duration_reads_back_as_it_was_written(duration: timedelta) -> None:
    # Beyond nine digits of seconds a float no longer tells microseconds apart exactly.
    assert abs(parse_duration(format_duration(duration)) - duration) <= timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "hours"), [("30m", 0.5), ("36h", 36), ("14d", 336), ("2w", 336), ("1.5h", 1.5), ("90 s", 0.025)]
)
def test_durations_have_units(text: str, hours: float) -> None:
    assert parse_duration(text) == timedelta(hours=hours)


@given(st.sampled_from(["hour", "day", "week", "month", "quarter"]), st.integers(1, 99))
def test_a_grain_reads_back_as_it_was_written(unit: str, count: int) -> None:
    assert parse_grain(str(Grain(unit, count))) == Grain(unit, count)


@pytest.mark.parametrize(
    ("text", "words"), [("month", "every month"), ("12mo", "every 12 months"), ("total", "over the whole range")]
)
def test_a_grain_in_words(text: str, words: str) -> None:
    assert parse_grain(text).words == words


@pytest.mark.parametrize("text", ["daily", "0d", "2", "d", "2y", 3, None, "١d"])
def test_other_grains_are_refused(text: object) -> None:
    with pytest.raises(ValueError, match="no period"):
        parse_grain(text)


@pytest.mark.parametrize(("given_", "number"), [(3, 3.0), (0.5, 0.5), ("70%", 0.7), ("-2.5 %", -0.025), ("0%", 0.0)])
def test_numbers_and_percentages(given_: object, number: float) -> None:
    assert parse_number(given_) == number


@pytest.mark.parametrize("given_", [True, "3", "x%", "%", float("inf"), float("nan"), None, [1], "1e3%", "١%"])
def test_other_numbers_are_refused(given_: object) -> None:
    with pytest.raises(ValueError, match="no number"):
        parse_number(given_)


@pytest.mark.parametrize("given_", [70, "101%", -0.1])
def test_a_share_lies_between_nothing_and_all(given_: object) -> None:
    with pytest.raises(ValueError, match="no share"):
        parse_share(given_)


def test_a_date_and_an_instant_are_told_apart() -> None:
    assert parse_instant("2025-06-30").isoformat() == "2025-06-30"
    assert parse_instant("2025-06-30T12:00:00+02:00").isoformat() == "2025-06-30T12:00:00+02:00"
    for wrong in ("2025-13-01", "yesterday", 20250630, ""):
        with pytest.raises(ValueError, match="no date"):
            parse_instant(wrong)


@pytest.mark.parametrize(
    ("written", "full"),
    [
        ("buy", Selection(events=("buy",))),
        (["buy", "visit"], Selection(events=("buy", "visit"))),
        ("sql: value > 3", Selection(where="value > 3")),
        ({"event": "buy"}, Selection(events=("buy",))),
        ({"events": "buy", "where": "a"}, Selection(events=("buy",), where="a")),
    ],
)
def test_every_form_of_a_selection_means_the_same(written: object, full: Selection) -> None:
    assert Selection.model_validate(parse_selection(written)) == full


def test_lists_become_tuples_at_any_depth() -> None:
    assert Aggregate.model_validate({"count": "events", "events": ["a", "b"]}).events == ("a", "b")
    assert Segment.model_validate({"column": "a", "cut": [1, 2.5]}).cut == (1.0, 2.5)


@pytest.mark.parametrize(
    "entry", [{}, {"count": "rows", "sum": "a"}, {"count": "sessions", "source": "surveys"}, {"events": ["a"]}]
)
def test_an_aggregate_is_one_operation_that_its_source_can_feed(entry: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"needed|come from"):
        Aggregate.model_validate(entry)


def test_a_target_is_one_goal_and_a_change_needs_its_time() -> None:
    for wrong in ({}, {"at_least": 1, "at_most": 2}, {"increase": 1}, {"at_least": 1, "within": "week"}):
        with pytest.raises(ValueError, match=r"target has|need within|go with"):
            Target.model_validate(wrong)


def test_a_benchmark_needs_a_figure() -> None:
    with pytest.raises(ValueError, match="a benchmark needs"):
        Benchmark.model_validate({"source": "us"})


@pytest.mark.parametrize("bands", [{}, {"a": 1, "b": 1}, {"a": 2, "b": 1}])
def test_bands_rise(bands: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="rising"):
        Score.model_validate({"bands": bands})


@pytest.mark.parametrize("segment", [{}, {"column": "a", "where": "b"}, {"where": "a", "cut": [1]}])
def test_a_segment_is_a_column_or_a_rule(segment: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"segment is either|cut: goes"):
        Segment.model_validate(segment)


def test_an_unknown_shipped_preset_is_an_error() -> None:
    for name in ("no_such_sector", "../pyproject", ""):
        with pytest.raises(UserError, match="there is no preset"):
            shipped_preset(name)


def test_the_settings_import_neither_polars_nor_numpy() -> None:
    code = (
        "import pkgutil, importlib, sys, engagement_cli.settings as s\n"
        "for m in pkgutil.iter_modules(s.__path__): importlib.import_module(f'engagement_cli.settings.{m.name}')\n"
        "sys.exit(any(name in sys.modules for name in ('polars', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
