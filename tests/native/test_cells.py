"""Sums by cell beside plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.cells import sums_by_cell


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(2**58), 2**58)), max_size=30))
def test_values_add_up_by_cell(rows: list[tuple[int, int]]) -> None:
    cell, values = (np.array([row[i] for row in rows], np.int64) for i in range(2))
    found = sums_by_cell(cell, values, 4)
    assert found is not None
    assert found.tolist() == [sum(value for at, value in rows if at == each) for each in range(4)]


def test_a_sum_beyond_64_bits_is_refused() -> None:
    for value in (2**62, -(2**62) - 1):
        assert sums_by_cell(np.zeros(2, np.int64), np.full(2, value), 1) is None
