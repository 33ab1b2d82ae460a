"""What sessions add up to, against Python's own numbers; tests/kernels cuts them row by row."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.sessions import COLUMNS, PLAIN, session_cuts, session_sums

SESSION = st.tuples(st.integers(0, 3), st.integers(0, 1), st.integers(0, 2**62), st.integers(1, 3))


def added(sessions: list[tuple[int, int, int, int]]) -> dict[tuple[str, int], int]:
    """Each sum of a cell, in numbers without end."""
    sums = {(name, cell): 0 for name in COLUMNS for cell in range(2)}
    for (_, cell), run in groupby(sessions, key=lambda session: session[:2]):
        own = list(run)
        ticks = sum(s[2] for s in own) % 2**64
        each = dict(zip(PLAIN, (len(own), ticks, sum(s[3] for s in own), sum(s[3] == 1 for s in own)), strict=True))
        sums["customers", cell] += 1
        for name, value in each.items():
            sums[name, cell] += value
            sums[f"{name}_{name}", cell] += value**2
            if name != "sessions":
                sums[f"{name}_sessions", cell] += value * len(own)
    return sums


@given(st.lists(SESSION, max_size=12))
def test_squares_of_the_longest_sessions_are_exact(sessions: list[tuple[int, int, int, int]]) -> None:
    sessions.sort(key=lambda session: session[:2])
    customer, cell, ticks, events = np.array(sessions, np.int64).reshape(-1, 4).T
    low, high = session_sums(customer.astype(np.uint32), cell.copy(), ticks.copy(), events.copy(), 2)
    found = {
        (name, place): (int(high[row, place]) << 64) + int(low[row, place])
        for row, name in enumerate(COLUMNS)
        for place in range(2)
    }
    assert found == added(sessions)


def test_kinds_that_are_not_wanted_neither_open_nor_extend_a_session() -> None:
    kind = np.array([1, 0, 1, 0, 1], np.uint32)
    time = np.array([0, 10, 15, 19, 25])
    first, last, events = session_cuts(np.zeros(5, np.uint32), time, kind, np.array([True, False]), 9)
    assert (first.tolist(), last.tolist(), events.tolist()) == ([1], [19], [2])


def test_columns_of_different_length_are_refused() -> None:
    one, two = np.zeros(1, np.uint32), np.zeros(2, np.int64)
    with pytest.raises(ValueError, match="one length"):
        session_cuts(one, two, one, np.ones(1, np.bool_), 1)
    with pytest.raises(ValueError, match="one length"):
        session_sums(one, two, two, two, 1)
