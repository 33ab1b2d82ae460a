from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.render.sparkline import bar, sparkline


def test_values_rise_from_the_lowest_to_the_highest_character() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"


def test_equal_values_stand_half_high() -> None:
    assert sparkline([5.0, 5.0]) == "▄▄"


def test_a_gap_is_a_dot() -> None:
    assert sparkline([1.0, None, math.nan, 2.0]) == "▁··█"
    assert sparkline([None]) == "·"
    assert sparkline([]) == ""


def test_negatives_count_from_the_lowest() -> None:
    assert sparkline([-7.0, 0.0]) == "▁█"


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=12))
def test_there_is_one_character_a_value(values: list[float | None]) -> None:
    assert len(sparkline(values)) == len(values)


def test_a_bar_is_exact_to_an_eighth() -> None:
    assert bar(10, 10, 4) == "████"
    assert bar(5, 10, 4) == "██"
    assert bar(1, 8, 1) == "▏"
    assert bar(0.5, 32, 4) == "▏"


def test_nothing_has_no_bar() -> None:
    assert bar(0, 10, 4) == bar(None, 10, 4) == bar(1, 0, 4) == bar(math.nan, 1, 4) == ""
