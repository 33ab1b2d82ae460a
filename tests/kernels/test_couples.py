"""Couples in order, beside Python's own sorting."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.couples import distinct, in_order

COUPLES = st.lists(st.tuples(st.integers(-3, 5) | st.integers(0, 2**62), st.integers(-3, 5) | st.integers(0, 2**62)))


@settings(max_examples=100)
@given(COUPLES)
def test_couples_are_sorted_as_python_sorts_them(couples: list[tuple[int, int]]) -> None:
    major, minor = (np.array([couple[i] for couple in couples], np.int64) for i in range(2))
    assert list(zip(*(c.tolist() for c in in_order(major, minor)), strict=True)) == sorted(couples)
    assert list(zip(*(c.tolist() for c in distinct(major, minor)), strict=True)) == sorted(set(couples))


def test_couples_of_hashes_are_told_apart() -> None:
    things = np.array([2**64 - 1, 5, 2**64 - 1, 5, 6], np.uint64)
    customers = np.array([1, 1, 1, 0, 0], np.uint32)
    assert distinct(customers, things)[0].tolist() == [0, 0, 1, 1]
