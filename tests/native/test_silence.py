"""Silence after a period beside a search for the next row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.silence import silent_after

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 39))).map(sorted)
BOUND = st.integers(-2, 45)


@given(ROWS, BOUND, BOUND, st.integers(0, 15))
def test_silence_ends_with_the_next_row_of_the_customer(
    rows: list[tuple[int, int]], since: int, until: int, wait: int
) -> None:
    since, until = min(since, until), max(since, until)
    customer, time = np.array(rows, np.int64).reshape(-1, 2).T
    period = (time // 10).astype(np.int32)
    ends = np.arange(10, 50, 10, dtype=np.int64) + wait
    found = silent_after(customer.astype(np.uint32), np.ascontiguousarray(time), period, since, until, ends)
    expected = []
    for who, when in sorted({(c, t // 10) for c, t in rows if since <= t < until}):
        last = max(t for c, t in rows if c == who and t // 10 == when and since <= t < until)
        later = [t for c, t in rows if c == who and t > last]
        expected.append(not later or min(later) >= ends[when])
    assert found.tolist() == expected


def test_a_period_without_an_end_is_refused() -> None:
    one = np.ones(1, np.int64)
    with pytest.raises(IndexError, match="a period is not among 1"):
        silent_after(one.astype(np.uint32), one, one.astype(np.int32), 0, 9, one)
