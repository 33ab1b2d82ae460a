"""Counts of tickets, beside plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.tickets import ticket_counts

CUSTOMERS, LATE = 3, 20
ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 3), st.integers(1, 4)), max_size=60
).map(sorted)
OPENS, RESOLVES = np.array([True, False, True, False]), np.array([False, True, True, False])


@given(ROWS)
def test_a_ticket_is_resolved_at_or_after_its_first_opening(rows: list[tuple[int, int, int, int]]) -> None:
    customer, time, kind, ticket = np.array(rows, np.int64).reshape(-1, 4).T
    columns = (customer.astype(np.uint32), time, kind.astype(np.uint32), ticket.astype(np.uint64))
    found = ticket_counts(columns, OPENS, RESOLVES, LATE, CUSTOMERS)
    for who in range(CUSTOMERS):
        expected = [0, 0, 0]
        for name in range(1, 5):
            mine = [(at, of) for owner, at, of, about in rows if (owner, about) == (who, name)]
            opened = [at for at, of in mine if OPENS[of]]
            if not opened:
                continue
            resolved = any(RESOLVES[of] and at >= min(opened) for at, of in mine)
            for place, counts in enumerate((resolved, not resolved, not resolved and min(opened) < LATE)):
                expected[place] += counts
        assert found[:, who].tolist() == expected


def test_a_customer_outside_is_refused() -> None:
    one = np.ones(1, np.int64)
    columns = (one.astype(np.uint32), one, one.astype(np.uint32), one.astype(np.uint64))
    with pytest.raises(IndexError, match="a customer is not among 1"):
        ticket_counts(columns, OPENS, RESOLVES, LATE, 1)
