"""Groups by small integer keys beside plain Python."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.cells import grouped

ROWS = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 10**12), st.integers(-(2**40), 2**40)), max_size=60)


@settings(max_examples=80, deadline=None)
@given(ROWS, st.booleans())
def test_groups_add_up_as_python_does(rows: list[tuple[int, int, int]], wide: bool) -> None:
    keys = [(a, b if wide else b % 4) for a, b, _ in rows]
    values = [v for *_, v in rows]
    columns = [np.array([key[i] for key in keys], np.int64) for i in range(2)]
    groups = grouped(columns, len(rows))
    assert groups is not None
    expected: dict[tuple[int, int], list[int]] = defaultdict(list)
    for key, value in zip(keys, values, strict=True):
        expected[key].append(value)
    ordered = sorted(expected)
    assert list(zip(*(key.tolist() for key in groups.keys), strict=True)) == ordered
    assert groups.counts.tolist() == [len(expected[key]) for key in ordered]
    sums = groups.sum(np.array(values, np.int64))
    assert sums is not None
    assert sums.tolist() == [sum(expected[key]) for key in ordered]
    assert groups.minimum(np.array(values, np.int64)).tolist() == [min(expected[key]) for key in ordered]
    assert groups.maximum(np.array(values, np.int64)).tolist() == [max(expected[key]) for key in ordered]


def test_without_keys_all_rows_are_one_group() -> None:
    groups = grouped([], 3)
    assert groups is not None
    assert groups.counts.tolist() == [3]


def test_keys_that_do_not_fit_one_number_are_refused() -> None:
    far = np.array([0, 2**61], np.int64)
    assert grouped([far, far], 2) is None


def test_a_sum_beyond_64_bits_is_refused() -> None:
    groups = grouped([np.zeros(4, np.int64)], 4)
    assert groups is not None
    assert groups.sum(np.full(4, 2**61, np.int64)) is None
