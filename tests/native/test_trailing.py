"""Days in trailing windows beside a count day by day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.trailing import days_in_windows, trailing_distinct

PAIRS = st.sets(st.tuples(st.integers(0, 3), st.integers(0, 20))).map(sorted)


@given(PAIRS, st.lists(st.integers(-3, 30)).map(sorted), st.integers(1, 12))
def test_days_are_counted_in_every_window(pairs: list[tuple[int, int]], last: list[int], window: int) -> None:
    holder, day = np.array(pairs, np.int64).reshape(-1, 2).T
    columns = (holder.astype(np.uint32), day.astype(np.int32))
    found = days_in_windows(*columns, np.array(last, np.int64), window, 4)
    expected = [[sum(c == who and end - window < d <= end for c, d in pairs) for who in range(4)] for end in last]
    assert found.tolist() == expected
    distinct = trailing_distinct(*columns, window, 15)
    assert distinct.tolist() == [len({c for c, d in pairs if end - window < d <= end}) for end in range(15)]


def test_holders_and_days_outside_are_refused() -> None:
    for holder, day in ((4, 0), (0, -1)):
        with pytest.raises(IndexError, match="a holder is not among 4"):
            days_in_windows(np.array([holder], np.uint32), np.array([day], np.int32), np.zeros(1, np.int64), 7, 4)
