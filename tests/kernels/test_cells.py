"""Groups by packed keys beside plain Python."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.cells import grouped
from engagement_cli.kernels.layout import Layout

FAR = st.integers(0, 10**12) | st.sampled_from([-(2**63), -(2**62), 0, 2**62, 2**63 - 1])
ROWS = st.lists(st.tuples(st.integers(-3, 3), FAR, FAR, st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=60)


@settings(max_examples=80)
@given(ROWS, st.booleans())
def test_groups_add_up_as_python_does(rows: list[tuple[int, int, int, int]], wide: bool) -> None:
    keys = [(a, b, c) if wide else (a, b % 4, c % 2) for a, b, c, _ in rows]
    values = [v for *_, v in rows]
    columns = [np.array([key[i] for key in keys], np.int64) for i in range(3)]
    layout = Layout.of(columns)
    groups = grouped(layout.packed(columns, len(rows)), layout)
    expected: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for key, value in zip(keys, values, strict=True):
        expected[key].append(value)
    ordered = sorted(expected)
    assert list(zip(*(layout.key(groups.keys, i).tolist() for i in range(3)), strict=True)) == ordered
    assert groups.counts.tolist() == [len(expected[key]) for key in ordered]
    assert groups.sum(np.array(values, np.int64)).tolist() == [sum(expected[key]) for key in ordered]
    assert groups.sum(np.array(values, object)).tolist() == [sum(expected[key]) for key in ordered]
    assert groups.minimum(np.array(values, np.int64)).tolist() == [min(expected[key]) for key in ordered]
    assert groups.maximum(np.array(values, np.int64)).tolist() == [max(expected[key]) for key in ordered]


@pytest.mark.parametrize("rows", [0, 3])
def test_without_keys_all_rows_are_one_group(rows: int) -> None:
    groups = grouped(Layout(()).packed([], rows), Layout(()))
    assert groups.counts.tolist() == [rows] * min(rows, 1)
    assert groups.sum(np.arange(rows)).tolist() == [3] * min(rows, 1)
