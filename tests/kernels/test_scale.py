"""Scales, bands and rank correlation against the same thing said plainly in Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.scale import (
    Distribution,
    band_of,
    distribution,
    exact_dot,
    least_from,
    rank_correlation,
    scaled,
)

VALUES = st.lists(st.integers(-5, 5), min_size=1, max_size=30)


def mid_ranks(values: list[int]) -> list[float]:
    return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]


@settings(max_examples=50)
@given(VALUES, VALUES)
def test_a_percentile_is_those_below_and_half_of_the_equal_ones(values: list[int], reference: list[int]) -> None:
    found = scaled(np.array(values), distribution(np.array(reference)), "percentile")
    expected = [
        100 * (sum(r < v for r in reference) + sum(r == v for r in reference) / 2) / len(reference) for v in values
    ]
    assert found.tolist() == pytest.approx(expected)


@settings(max_examples=50)
@given(VALUES)
def test_percentiles_of_a_population_in_itself_average_fifty(values: list[int]) -> None:
    found = scaled(np.array(values), distribution(np.array(values)), "percentile")
    assert found.mean() == pytest.approx(50)
    assert (found >= 0).all() and (found <= 100).all()


def test_the_largest_is_a_hundred_and_negative_scores_are_zero() -> None:
    against = distribution(np.array([-4, 2, 8]))
    assert scaled(np.array([-4, 2, 8, 16]), against, "max").tolist() == [0, 25, 100, 100]
    assert scaled(np.array([-4, 2]), distribution(np.array([-4, 0])), "max").tolist() == [0, 0]


@settings(max_examples=100)
@given(VALUES, st.integers(0, 200))
def test_the_least_from_a_percentile_is_the_first_that_reaches_it(reference: list[int], half: int) -> None:
    against, numbers = distribution(np.array(reference)), np.arange(-7, 8)
    least = least_from(against, half / 2)
    reach = scaled(numbers, against, "percentile") >= half / 2
    assert (reach == (numbers >= least if least is not None else np.zeros(15, np.bool_))).all()


@settings(max_examples=50)
@given(st.lists(st.lists(st.integers(-(2**62), 2**62) | st.integers(-3, 3), max_size=8), min_size=1, max_size=5))
def test_distributions_of_parts_are_joined_to_that_of_all(parts: list[list[int]]) -> None:
    whole = distribution(np.array([number for part in parts for number in part], np.int64))
    found = Distribution.joined([distribution(np.array(part, np.int64)) for part in parts])
    assert found.values.tolist() == whole.values.tolist()
    assert found.counts.tolist() == whole.counts.tolist()


def test_points_are_millionths() -> None:
    assert scaled(np.array([2_749_054]), distribution(np.array([1])), "none").tolist() == [2.749054]


@pytest.mark.parametrize("how", ["percentile", "max"])
def test_against_nobody_there_is_no_score_and_no_band(how: str) -> None:
    nobody = distribution(np.zeros(0, np.int64))
    scores = scaled(np.array([1, 2]), nobody, "percentile" if how == "percentile" else "max")
    assert np.isnan(scores).all()
    assert band_of(scores, np.array([0.0, 40.0])).tolist() == [-1, -1]


def test_a_band_begins_at_its_bound_and_the_first_takes_all_below() -> None:
    scores = np.array([-3.0, 0.0, 39.9, 40.0, 90.0, 100.0])
    assert band_of(scores, np.array([0.0, 40.0, 90.0])).tolist() == [0, 0, 0, 1, 2, 2]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=30))
def test_rank_correlation_is_pearsons_of_mid_ranks(pairs: list[tuple[int, int]]) -> None:
    a, b = ([pair[side] for pair in pairs] for side in (0, 1))
    found = rank_correlation(np.array(a), np.array(b))
    if len(set(a)) == 1 or len(set(b)) == 1:
        assert found is None
        return
    assert found == pytest.approx(np.corrcoef(mid_ranks(a), mid_ranks(b))[0, 1])
    assert found is not None and -1 <= found <= 1


def test_sums_of_products_do_not_wrap() -> None:
    large = np.full(100, -3_000_000_000)
    assert exact_dot(large, large) == 100 * 3_000_000_000**2
    assert exact_dot(large, -large) == -100 * 3_000_000_000**2
    assert rank_correlation(np.arange(1000), np.arange(1000)) == 1.0
    assert rank_correlation(np.arange(1000), -np.arange(1000)) == -1.0
