"""Counts of rows by customer, period and kind beside a count row by row."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.counts import SUMS, Counts, counts

Row = tuple[int, int, int]  # customer, period, kind
KINDS = 4
ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 2), st.integers(0, KINDS - 2)), min_size=1).map(
    lambda rows: sorted(rows, key=lambda row: row[:2])
)
MASKS = st.lists(st.booleans(), min_size=KINDS, max_size=KINDS)


def counted(rows: list[Row]) -> Counts:
    customer, period, kind = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    return counts(customer.astype(np.uint32), period.astype(np.int32), kind.astype(np.uint32), np.bincount(kind))


@given(ROWS, MASKS)
def test_a_column_has_the_rows_of_the_wanted_kinds(rows: list[Row], wanted: list[bool]) -> None:
    found, each = counted(rows), Counter((customer, period) for customer, period, kind in rows if wanted[kind])
    pairs = [*zip(found.customer.tolist(), found.period.tolist(), strict=True)]
    assert pairs == sorted({row[:2] for row in rows})
    assert found.column(np.array(wanted)).tolist() == [each[pair] for pair in pairs]


@given(ROWS, MASKS, MASKS, st.integers(0, 3) | st.just(2**63 - 1), st.integers(1, 2), st.integers(1, 3))
def test_moments_add_up_as_python_does(
    rows: list[Row], above: list[bool], below: list[bool], most: int, other: int, groups: int
) -> None:
    found = counted(rows)
    x, y = (found.column(np.array(mask)) for mask in (above, below))
    group = found.customer.astype(np.int64) % groups
    sums = np.zeros((groups, found.periods, SUMS), np.int64)
    for pair, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        first, second = min(a, most), min(b, other)
        each = (first, second, first**2, second**2, first * second, second > 0, a + b > 0)
        sums[group[pair], found.period[pair] - found.first] += np.array(each, np.int64)
    assert found.moments(x, y, most, other, group, groups).tolist() == sums.reshape(-1, SUMS).tolist()


def test_what_does_not_fit_is_refused() -> None:
    found = counted([(0, 0, 2)])
    with pytest.raises(IndexError, match="a mask of 2 kinds for counts of 3"):
        found.column(np.ones(2, np.bool_))
    with pytest.raises(ValueError, match="columns of one length"):
        found.moments(np.zeros(2, np.uint32), np.zeros(1, np.uint32), 1, 1)
