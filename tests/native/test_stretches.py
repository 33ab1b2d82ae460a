"""Joined stretches beside a look at every stretch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.stretches import joined

STRETCH = st.tuples(st.integers(0, 20), st.integers(1, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=100)
@given(st.lists(st.lists(STRETCH, max_size=5), min_size=1, max_size=4))
def test_a_customer_is_there_while_any_of_the_stretches_runs(of_customers: list[list[tuple[int, int]]]) -> None:
    rows = [sorted(stretches) for stretches in of_customers]
    first = np.cumsum([0, *map(len, rows)])
    begins, ends = (np.array([pair[i] for each in rows for pair in each], np.int64) for i in (0, 1))
    found = joined(first, begins, ends)
    asked = [(customer, instant) for customer in range(len(rows)) for instant in range(-1, 31)]
    customer, instant = (np.array(column, np.int64) for column in zip(*asked, strict=True))
    expected = [any(begin <= at < end for begin, end in rows[who]) for who, at in asked]
    assert found.runs(customer, instant).tolist() == expected
    for who in range(len(rows)):
        mine = slice(int(found.first[who]), int(found.first[who + 1]))
        assert (found.begins[mine][1:] > found.ends[mine][:-1]).all()


def test_a_customer_without_a_place_is_refused() -> None:
    nothing = joined(np.zeros(2, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    one = np.ones(1, np.int64)
    with pytest.raises(IndexError, match="no place"):
        nothing.runs(one, one)
    with pytest.raises(ValueError, match="does not divide"):
        joined(np.array([0, 2, 1]), one, one)
