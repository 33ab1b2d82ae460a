"""Pairs of customers and periods beside sets and dicts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.activity import mark

ROWS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9), st.integers(0, 3))).map(sorted)
BITS = np.array([1, 2, 1 << 63 | 1, 0], dtype=np.uint64)


@given(ROWS)
def test_bits_of_rows_are_joined_by_period_and_by_coarser_ones(rows: list[tuple[int, int, int]]) -> None:
    customer, period, kind = (np.array([row[i] for row in rows]) for i in range(3))
    days = mark(customer.astype(np.uint32), period.astype(np.int32), kind.astype(np.uint32), BITS)
    for width, found in ((1, days), (4, days.coarser((np.arange(10) // 4).astype(np.int32)))):
        expected: dict[tuple[int, int], int] = {}
        for c, p, k in rows:
            expected[c, p // width] = expected.get((c, p // width), 0) | int(BITS[k])
        pairs = list(zip(found.customer.tolist(), found.period.tolist(), strict=True))
        assert dict(zip(pairs, found.marks.tolist(), strict=True)) == expected
        assert pairs == sorted(expected)
        for bit in (0, 1, 2, 63):
            chosen = [column.tolist() for column in found.chosen(bit)]
            assert list(zip(*chosen, strict=True)) == [pair for pair in pairs if expected[pair] >> bit & 1]


def test_kinds_and_periods_outside_are_refused() -> None:
    one = np.ones(1, np.uint32)
    with pytest.raises(IndexError, match="a kind is not among 1"):
        mark(one, one.astype(np.int32), one, BITS[:1])
    with pytest.raises(IndexError, match="a period is not among 1"):
        mark(one, one.astype(np.int32), one, BITS).coarser(np.zeros(1, np.int32))
