"""What customers' rows amount to, beside plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.tallies import Histories, distinct, highest, histories, numbered, numbers_in, sums

CUSTOMERS = 6
Row = tuple[int, int, int]
ROWS = st.lists(st.tuples(st.sampled_from([0, 1, 4]), st.integers(0, 40), st.integers(0, 3)), max_size=90).map(sorted)
INSTANTS = st.sampled_from([int(np.iinfo(np.int64).min), 0, 7, 20, 40, 41])


def of(rows: list[Row]) -> Histories:
    customer, time, kind = np.array(rows, np.int64).reshape(-1, 3).T
    return histories(customer.astype(np.uint32), time, kind.astype(np.uint32), CUSTOMERS)


@given(ROWS, INSTANTS, INSTANTS)
def test_tallies_are_those_of_each_customers_rows_in_the_window(rows: list[Row], begins: int, ends: int) -> None:
    whole, window = of(rows), (begins, ends)
    things = np.array([[True, False, True, False], [False, False, True, False], [True, False, False, False]])
    column = np.array([time if time % 3 else -1 for _, time, _ in rows], np.int64)
    total, count = numbers_in(whole, column, -1, window)
    found = [sums(whole, np.array([1, 0, 5, -2]), window), highest(whole, np.array([2, 0, 3, 1]), window)]
    different = distinct(whole, numbered(things), window)
    for who in range(CUSTOMERS):
        mine = [(time, kind) for owner, time, kind in rows if owner == who and begins <= time < ends]
        assert found[0][who] == sum((1, 0, 5, -2)[kind] for _, kind in mine)
        assert found[1][who] == max(((2, 0, 3, 1)[kind] for _, kind in mine), default=0)
        assert different[who] == sum(any(things[thing, kind] for _, kind in mine) for thing in range(len(things)))
        numbers = [time for time, _ in mine if time % 3]
        assert (total[who], count[who]) == (sum(numbers), len(numbers))


@given(st.lists(st.integers(0, 40), max_size=30))
def test_rows_of_every_customer_lie_between_two_places(sizes: list[int]) -> None:
    customer = np.repeat(np.arange(len(sizes)), sizes).astype(np.uint32)
    nothing = np.zeros(len(customer), np.int64)
    first = histories(customer, nothing, nothing.astype(np.uint32), len(sizes)).first
    assert np.diff(first).tolist() == sizes


def test_a_customer_outside_and_a_kind_without_an_amount_are_refused() -> None:
    one = np.ones(1, np.int64)
    with pytest.raises(IndexError, match="a customer is not among 1"):
        histories(one.astype(np.uint32), one, one.astype(np.uint32), 1)
    with pytest.raises(IndexError, match="a kind is not among 1"):
        sums(histories(one.astype(np.uint32), one, one.astype(np.uint32), 2), one, (0, 9))
