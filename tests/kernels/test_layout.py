"""Packed keys sort as the keys do, and give them back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.kernels.layout import Layout

ENDS = st.sampled_from([-(2**63), -(2**31), -1, 0, 1, 2**31, 2**62, 2**63 - 1])
NUMBERS = st.integers(-3, 3) | ENDS
HASHES = st.integers(0, 3) | st.sampled_from([2**63, 2**64 - 1])
ROWS = st.lists(st.tuples(NUMBERS, HASHES, st.integers(0, 1), NUMBERS), min_size=1, max_size=20)


@settings(max_examples=120)
@given(ROWS)
def test_packed_keys_sort_as_they_do_and_are_found_again(rows: list[tuple[int, ...]]) -> None:
    dtypes = (np.int64, np.uint64, np.int8, np.int64)
    keys = [np.array([row[i] for row in rows], dtype) for i, dtype in enumerate(dtypes)]
    layout = Layout.of(keys)
    packed = layout.packed(keys, len(rows))
    assert packed.shape == (len(rows), layout.words)
    assert [row for _, row in sorted(zip(packed.tolist(), rows, strict=True))] == sorted(rows)
    for which, key in enumerate(keys):
        assert layout.key(packed, which).tolist() == key.tolist()
    for first in range(5):
        leading = layout.leading(packed, first).tolist()
        for row, other in zip(range(len(rows)), range(1, len(rows)), strict=False):
            assert (leading[row] == leading[other]) == (rows[row][:first] == rows[other][:first])


def test_one_number_for_all_rows_takes_no_room() -> None:
    hashes = np.array([2**64 - 1, 0], np.uint64)
    layout = Layout.of([np.broadcast_to(np.int64(7), 2), hashes])
    assert layout.words == 1
    assert [layout.key(layout.packed([np.full(2, 7), hashes], 2), i).tolist() for i in (0, 1)] == [
        [7, 7],
        hashes.tolist(),
    ]


@pytest.mark.parametrize("low", [-5, 0, 2])
def test_a_layout_over_others_holds_the_keys_of_all(low: int) -> None:
    keys = np.arange(low, 2**40, 2**38)
    layout = Layout.over([Layout(((0, 3),)), Layout.of([keys]), Layout(((7, 9),))])
    assert layout.ranges == ((min(low, 0), max(keys.tolist())),)
    assert layout.key(layout.packed([keys], len(keys)), 0).tolist() == keys.tolist()
