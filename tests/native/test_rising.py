"""Rising hashes beside sets and sorting."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.rising import places, union

HASHES = st.lists(st.one_of(st.integers(0, 9), st.integers(2**64 - 5, 2**64 - 1))).map(
    lambda values: np.array(sorted(values), dtype=np.uint64)
)


@settings(max_examples=100)
@given(HASHES, HASHES)
def test_both_sides_are_merged_and_found(left: np.ndarray, right: np.ndarray) -> None:
    both = union(left, right)
    assert both.tolist() == sorted({*left.tolist(), *right.tolist()})
    known = sorted(set(left.tolist()))
    found = places(np.array(known, dtype=np.uint64), right)
    assert found.tolist() == [known.index(value) if value in known else -1 for value in right.tolist()]
