"""Groups by small integer keys beside plain Python."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.cells import grouped

FAR = st.integers(0, 10**12) | st.sampled_from([-(2**63), -(2**62), 0, 2**62, 2**63 - 1])
ROWS = st.lists(st.tuples(st.integers(-3, 3), FAR, FAR, st.integers(-(2**40), 2**40)), max_size=60)


@settings(max_examples=80, deadline=None)
@given(ROWS, st.booleans())
def test_groups_add_up_as_python_does(rows: list[tuple[int, int, int, int]], wide: bool) -> None:
    keys = [(a, b, c) if wide else (a, b % 4, c % 2) for a, b, c, _ in rows]
    values = [v for *_, v in rows]
    columns = [np.array([key[i] for key in keys], np.int64) for i in range(3)]
    groups = grouped(columns, len(rows))
    expected: dict[tuple[int, ...], list[int]] = defaultdict(list)
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
    assert grouped([], 3).counts.tolist() == [3]


def test_hashes_are_keys_like_others() -> None:
    hashes = np.array([2**64 - 1, 0, 2**63, 0], np.uint64)
    groups = grouped([np.broadcast_to(np.int64(7), 4), hashes], 4)
    assert [key.tolist() for key in groups.keys] == [[7, 7, 7], [0, 2**63, 2**64 - 1]]
    assert groups.counts.tolist() == [2, 1, 1]


@pytest.mark.parametrize("only", [0, 2**63, 2**64 - 1])
def test_one_hash_is_one_group(only: int) -> None:
    groups = grouped([np.array([only] * 3, np.uint64)], 3)
    assert [key.tolist() for key in groups.keys] == [[only]]
    assert groups.counts.tolist() == [3]


def test_a_sum_beyond_64_bits_is_refused() -> None:
    groups = grouped([np.zeros(4, np.int64)], 4)
    assert groups.sum(np.full(4, 2**61, np.int64)) is None
