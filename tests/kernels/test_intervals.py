from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.intervals import clustered_ratio, mean_interval, newcombe, wilson


def interval(x: list[int], y: list[int]) -> tuple[float, float]:
    """`clustered_ratio` of one x and y a customer."""
    a, b = np.array(x, np.float64), np.array(y, np.float64)
    sums = (a.sum(), b.sum(), a @ a, b @ b, a @ b, len(x))
    low, high = clustered_ratio(*(np.array([float(s)]) for s in sums))
    return float(low[0]), float(high[0])


@settings(max_examples=60)
@given(  # a thousandth of a customer who is a hundredth of the others is more than rounding leaves
    st.integers(0, 10**12), st.integers(1, 10**6), st.lists(st.integers(1, 100), min_size=2, max_size=40), st.data()
)
def test_customers_with_one_ratio_have_no_interval_and_one_who_differs_brings_it(
    above: int, below: int, times: list[int], data: st.DataObject
) -> None:
    x, y = [above * t for t in times], [below * t for t in times]
    assert np.isnan(interval(x, y)).all()
    who = data.draw(st.integers(0, len(x) - 1))
    x[who] += max(1, x[who] // 1000)
    low, high = interval(x, y)
    assert low < sum(x) / sum(y) < high


def test_a_mean_of_equal_values_has_no_interval() -> None:
    n, value = 1_000_000.0, 4_100_000.0
    low, high = mean_interval(np.array([n * value]), np.array([n * value**2]), np.array([n]))
    assert np.isnan([low, high]).all()


@pytest.mark.parametrize(("yes", "low", "high"), [(0, 0.0, 0.27753), (10, 0.72247, 1.0)])
def test_wilson_has_an_interval_where_all_agree(yes: int, low: float, high: float) -> None:
    found = wilson(np.array([float(yes)]), np.array([10.0]))
    assert [float(end[0]) for end in found] == pytest.approx([low, high], abs=1e-5)


@pytest.mark.parametrize(
    ("one", "of", "other", "of_others", "difference", "low", "high"),
    [  # Newcombe (1998), table II, method 10
        (56, 70, 48, 80, 0.2, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.6, 0.1705, 0.8090),
        (5, 56, 0, 29, 0.0893, -0.0381, 0.1926),
        (0, 10, 0, 10, 0.0, -0.2775, 0.2775),
        (10, 10, 0, 10, 1.0, 0.6075, 1.0),
    ],
)
def test_the_difference_of_two_shares_is_newcombe_s(
    one: int, of: int, other: int, of_others: int, difference: float, low: float, high: float
) -> None:
    found = newcombe(*(np.array([float(n)]) for n in (one, of, other, of_others)))
    assert [float(part[0]) for part in found] == pytest.approx([difference, low, high], abs=6e-5)


def test_without_others_there_is_no_difference() -> None:
    found = newcombe(*(np.array([float(n)]) for n in (1, 2, 0, 0)))
    assert np.isnan(found).all()
