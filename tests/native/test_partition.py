"""Partitioning beside a stable sort by bucket."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.partition import partition


@given(st.lists(st.integers(0, 6)))
def test_rows_of_a_bucket_lie_together_in_their_order(buckets: list[int]) -> None:
    bucket = np.array(buckets, dtype=np.uint16)
    times = np.arange(len(bucket), dtype=np.int64) - 3
    codes = np.arange(len(bucket), dtype=np.uint32) * 7
    ends, (moved_times, moved_codes) = partition(bucket, 7, [times, codes])
    order = np.argsort(bucket, kind="stable")
    assert ends.tolist() == np.cumsum(np.bincount(bucket, minlength=7)).tolist()
    assert moved_times.tolist() == times[order].tolist()
    assert moved_codes.tolist() == codes[order].tolist()
    assert moved_times.dtype == np.int64
