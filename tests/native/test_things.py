"""Numbering things beside a dictionary."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.hashes import numbered
from engagement_cli.native.things import first_seen

THINGS = st.lists(st.tuples(st.one_of(st.integers(0, 5), st.integers(0, 2**64 - 1)), st.integers(-5, 5)))


@given(THINGS)
def test_things_are_numbered_as_they_come_and_seen_first_at_their_least_time(rows: list[tuple[int, int]]) -> None:
    things, times = [thing for thing, _ in rows], [time for _, time in rows]
    distinct, number = numbered(np.array(things, np.uint64))
    assert distinct.tolist() == list(dict.fromkeys(things))
    assert distinct[number].tolist() == things
    first = first_seen(number, np.array(times, np.int64), len(distinct))
    assert first.tolist() == [min(t for own, t in rows if own == thing) for thing in distinct.tolist()]


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        first_seen(np.zeros(1, np.uint32), np.zeros(2, np.int64), 1)
