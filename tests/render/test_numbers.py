from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.render.numbers import bound, difference, fixed, interval, quantity

UNITS = ["share", "ratio", "count", "seconds", "days", "points", "score", "number", "", "EUR", "JPY", "articles"]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.123, "share", "12.3 %"),
        (1.0, "share", "100.0 %"),
        (0.0, "share", "0.0 %"),
        (0.00042, "share", "0.042 %"),
        (-0.05, "share", "−5.0 %"),
        (1.054, "ratio", "1.05"),
        (-0.2, "ratio", "−0.20"),
        (1234567.0, "count", "1,234,567"),
        (3.42, "count", "3.42"),
        (-12.0, "count", "−12"),
        (300.0, "seconds", "5.0 min"),
        (0.0, "seconds", "0 s"),
        (0.0351, "seconds", "0.035 s"),
        (45.2, "seconds", "45.2 s"),
        (59.96, "seconds", "1.0 min"),
        (3597.1, "seconds", "1 h 0 min"),
        (4320.0, "seconds", "1 h 12 min"),
        (86399.0, "seconds", "1 d 0 h"),
        (277200.0, "seconds", "3 d 5 h"),
        (-4320.0, "seconds", "−1 h 12 min"),
        (12.34, "days", "12.3 d"),
        (40.0, "points", "+40.0"),
        (-12.3, "points", "−12.3"),
        (0.04, "points", "0.0"),
        (62.44, "score", "62.4"),
        (0.01234, "number", "0.0123"),
        (1234.56, "number", "1,234.6"),
        (2.5, "number", "2.50"),
        (0.00001234, "number", "1.23e−05"),
        (1200.0, "USD", "1,200.00 USD"),
        (91230.75, "EUR", "91,231 EUR"),
        (9999.996, "EUR", "10,000 EUR"),
        (1200.0, "JPY", "1,200 JPY"),
        (1.5, "KWD", "1.500 KWD"),
        (-3.5, "EUR", "−3.50 EUR"),
        (12.0, "articles", "12 articles"),
        (None, "share", "–"),
        (math.nan, "EUR", "–"),
        (math.inf, "count", "–"),
    ],
)
def test_a_value_reads_in_its_unit(value: float | None, unit: str, text: str) -> None:
    assert quantity(value, unit).text == text


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert fixed(-0.004, 2) == "0.00"
    assert fixed(-0.0, 0, signed=True) == "0"


@pytest.mark.parametrize(
    ("low", "high", "value", "unit", "text"),
    [
        (0.114, 0.132, 0.123, "share", "± 0.9 pp"),
        (0.0, 0.021, 0.002, "share", "0.0–2.1 %"),
        (33.0, 47.0, 40.0, "points", "± 7.0"),
        (-3.1, 4.2, 0.1, "points", "−3.1 to 4.2"),
        (37.8, 42.4, 40.1, "EUR", "± 2.30 EUR"),
        (240.0, 3720.0, 300.0, "seconds", "4.0 min – 1 h 2 min"),
        (None, 0.2, 0.1, "share", ""),
        (0.1, math.nan, 0.1, "share", ""),
        (0.1, 0.2, None, "share", "10.0–20.0 %"),
    ],
)
def test_an_interval_is_short_where_it_is_symmetric(
    low: float | None, high: float | None, value: float | None, unit: str, text: str
) -> None:
    assert interval(low, high, value, unit) == text


@pytest.mark.parametrize(
    ("value", "previous", "change", "unit", "text"),
    [
        (0.123, 0.111, 0.108, "share", "+1.2 pp"),
        (40.0, 43.1, -0.07, "points", "−3.1 pts"),
        (110.0, 100.0, 0.1, "count", "+10.0 %"),
        (5.0, 0.0, None, "count", None),
        (0.1, None, None, "share", None),
        (0.1, math.nan, math.nan, "number", None),
        (0.1, 0.1, 0.0, "share", "0.0 pp"),
        (100.0, 1.0, 99.0, "EUR", "+9,900 %"),
        (-0.173, 0.02, -9.65, "number", "−0.193"),
        (-47740.0, -84340.0, 0.434, "count", "+36,600"),
        (12.5, -10.0, 2.25, "EUR", "+22.50 EUR"),
        (-0.02, 0.1, -1.2, "ratio", "−0.12"),
        (-0.3, -0.30000000000000004, 0.0, "number", "0"),
    ],
)
def test_a_change_is_in_points_or_in_per_cent_and_in_its_own_unit_where_a_value_is_negative(
    value: float, previous: float | None, change: float | None, unit: str, text: str | None
) -> None:
    moved = difference(value, previous, change, unit)
    assert (moved.text if moved else None) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.7, "share", "70 %"),
        (0.035, "share", "3.5 %"),
        (1.05, "ratio", "1.05"),
        (40.0, "EUR", "40 EUR"),
        (12500.5, "EUR", "12,500.5 EUR"),
        (300.0, "seconds", "5.0 min"),
        (-10.0, "points", "−10"),
        (30.0, "days", "30 d"),
    ],
)
def test_a_bound_is_as_it_was_written(value: float, unit: str, text: str) -> None:
    assert bound(value, unit).text == text


@given(st.one_of(st.none(), st.floats()), st.sampled_from(UNITS))
def test_no_value_reads_nan_inf_or_a_hyphen_for_minus(value: float | None, unit: str) -> None:
    text = quantity(value, unit).text.removesuffix(unit).lower()
    assert "nan" not in text
    assert "inf" not in text
    assert "-" not in text
    assert text.strip()
