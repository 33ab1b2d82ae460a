"""Sorting rows beside NumPy's sort of several columns."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.sorting import sorted_rows, tied

RANDOM = np.random.default_rng(11)


def _rows(rows: int, customers: int, times: int, late: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows in order of time but for a share of them."""
    time = np.sort(RANDOM.integers(-times, times, rows))
    moved = RANDOM.random(rows) < late
    time[moved] = RANDOM.integers(-times, times, int(moved.sum()))
    return RANDOM.integers(0, customers, rows).astype(np.uint32), time, RANDOM.integers(0, 5, rows).astype(np.uint32)


@pytest.mark.parametrize("late", [0, 0.01, 1])
@pytest.mark.parametrize(("rows", "customers"), [(0, 1), (1, 1), (500, 900), (3000, 40), (3000, 2), (3000, 1)])
@pytest.mark.parametrize("times", [3, 10**6, 2**62])
def test_rows_are_sorted_by_customer_time_and_kind_and_stay_in_their_order(
    rows: int, customers: int, times: int, late: float
) -> None:
    customer, time, kind = _rows(rows, customers, times, late)
    ranks = RANDOM.permutation(customers).astype(np.uint32)
    kinds = np.array([3, 1, 1, 7, 0], np.uint32)
    order = np.lexsort([kinds[kind], time, ranks[customer]])
    found, places = sorted_rows(customer, time, kind, ranks, kinds, placed=True)
    assert places.tolist() == order.tolist()
    for column, expected in zip(found, (ranks[customer], time, kinds[kind]), strict=True):
        assert column.tolist() == expected[order].tolist()
    assert not len(sorted_rows(customer, time, kind, ranks, kinds, placed=False)[1])


def test_codes_that_no_list_has_are_refused() -> None:
    some, time = np.array([0, 2], np.uint32), np.zeros(2, np.int64)
    few, enough = np.zeros(2, np.uint32), np.zeros(3, np.uint32)
    for ranks, kinds in ((few, enough), (enough, few)):
        with pytest.raises(IndexError, match="not among"):
            sorted_rows(some, time, some, ranks, kinds, placed=False)


def test_rows_that_agree_with_a_neighbour_are_told_with_their_runs() -> None:
    customer = np.array([0, 0, 0, 1, 1, 1, 1, 2], np.uint32)
    time = np.array([5, 5, 6, 6, 7, 7, 7, 7], np.int64)
    kind = np.array([1, 1, 1, 1, 2, 2, 3, 3], np.uint32)
    places, runs = tied(customer, time, kind)
    assert places.tolist() == [0, 1, 4, 5]
    assert runs[0] == runs[1] < runs[2] == runs[3]
    assert not len(tied(customer[:0], time[:0], kind[:0])[0])
