from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.timeline.hash_index import hash_index

LARGEST = 2**64 - 1
hashes = st.one_of(st.integers(0, LARGEST), st.integers(0, 5), st.integers(LARGEST - 5, LARGEST))


@settings(max_examples=100, deadline=None)
@given(known=st.sets(hashes, min_size=1, max_size=60), others=st.lists(hashes, max_size=20))
def test_known_hashes_are_found_and_no_others(known: set[int], others: list[int]) -> None:
    in_order = np.array(sorted(known), dtype=np.uint64)
    asked = np.array([*known, *others], dtype=np.uint64)
    position, missed = hash_index(in_order).find(asked)
    assert set(missed.tolist()) == {i for i, hashed in enumerate(asked.tolist()) if hashed not in known}
    found = np.setdiff1d(np.arange(len(asked)), missed)
    assert (in_order[position[found]] == asked[found]).all()


@pytest.mark.parametrize("upper", [0, 1, 2**31, 2**32 - 1])
def test_hashes_that_share_their_upper_bits_are_told_apart(upper: int) -> None:
    known = (np.uint64(upper) << np.uint64(32)) + np.arange(0, 600, 2, dtype=np.uint64)
    position, missed = hash_index(known).find(known)
    assert position.tolist() == list(range(300))
    assert not len(missed)
    _, missed = hash_index(known).find(known + np.uint64(1))
    assert len(missed) == 300
