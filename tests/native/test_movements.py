"""Movements beside sums over customers and periods, one by one, in Python's own integers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native import movements as native
from engagement_cli.native.movements import FIELDS, movements

BOUNDS = [0, 5, 9, 14, 20]
GROUPS = 3
MONEY = st.one_of(st.integers(-3, 6), st.integers(-(2**60), 2**60))
STRETCH = st.tuples(st.integers(-6, 22), st.integers(1, 20), MONEY).map(lambda s: (s[0], s[0] + s[1], s[2]))
CUSTOMER = st.tuples(st.lists(STRETCH, max_size=3), st.lists(st.integers(0, GROUPS - 1), min_size=5, max_size=5))
State = tuple[bool, int]


def at(stretches: list[tuple[int, int, int]], instant: int) -> State:
    running = [mrr for begins, ends, mrr in stretches if begins <= instant < ends]
    return bool(running), sum(running)


def fields_at_start(before: State, after: State) -> dict[str, int]:
    mrr, kept = before[1], after[1] if after[0] else 0
    sides = {"nrr": kept, "grr": min(mrr, after[1]) if after[0] else 0}
    sides["lost"] = 0 if after[0] and after[1] > 0 else mrr
    moments = {
        f"{name}{ending}": x for name, side in sides.items()
        for ending, x in (("", side), ("_squared", side * side), ("_start", side * mrr))
    }  # fmt: skip
    counts = {
        "start": 1,
        "kept": int(after[0]),
        "money_start": mrr,
        "start_squared": mrr * mrr,
        "paying": int(mrr != 0),
    }
    return counts | moments


def fields_of_change(before: State, after: State, *, earlier: bool) -> tuple[dict[str, int], dict[str, int]]:
    """Those at the start's group, and those at the end's."""
    more = after[1] - before[1]
    if not before[0] or (after[0] and before[1] <= 0 < after[1]):
        return {}, {"reactivation" if earlier else "new": more} if after[0] else {}
    if not after[0] or (before[1] > 0 >= after[1]):
        return {"churn": -more}, {}
    return {}, {"expansion": max(more, 0), "contraction": max(-more, 0)}


def one_by_one(
    customers: list[tuple[list[tuple[int, int, int]], list[int]]], *, grouped: bool
) -> dict[tuple[int, int], Counter[str]]:
    found: dict[tuple[int, int], Counter[str]] = {}
    for stretches, groups in customers:
        paid = [begins for begins, _, mrr in stretches if mrr > 0]
        for period in range(len(BOUNDS) - 1):
            before, after = at(stretches, BOUNDS[period]), at(stretches, BOUNDS[period + 1])
            ends = [groups[period], groups[period + 1]] if grouped else [0, 0]
            lost, won = fields_of_change(before, after, earlier=any(begins < BOUNDS[period] for begins in paid))
            if before[0]:
                mine = found.setdefault((ends[0], period), Counter())
                mine.update(fields_at_start(before, after))
                mine.update(lost)
            if after[0]:
                mine = found.setdefault((ends[1], period), Counter())
                mine.update({"end": 1, "money_end": after[1], "end_squared": after[1] ** 2})
                mine.update(won)
            if before[0] and after[0] and ends[0] != ends[1]:
                left = after[1] if lost else before[1]
                found[ends[0], period].update({"moved": -1, "money_moved": -left})
                found[ends[1], period].update({"moved": 1, "money_moved": left})
    return found


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("cells", [1, 1 << 16])
@settings(max_examples=100)
@given(customers=st.lists(CUSTOMER, min_size=1, max_size=5))
def test_sums_are_those_over_customers_one_by_one(
    grouped: bool, cells: int, customers: list[tuple[list[tuple[int, int, int]], list[int]]]
) -> None:
    first = np.cumsum([0, *(len(stretches) for stretches, _ in customers)])
    columns = [np.array([s[i] for stretches, _ in customers for s in stretches], np.int64) for i in range(3)]
    group = np.array([groups for _, groups in customers], np.int64) if grouped else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native, "_MOST_CELLS", cells)
        parts = list(movements((first, *columns), np.array(BOUNDS), group, GROUPS if grouped else 1))
    found = {
        (int(which), int(period)): {
            name: int(low) + (int(high) << 64) - (int(high) >> 63 << 128)
            for name, (low, high) in zip(FIELDS, sums.tolist(), strict=True)
        }
        for part in parts
        for which, period, sums in zip(*part, strict=True)
    }
    expected = one_by_one(customers, grouped=grouped)
    assert found == {cell: {name: sums[name] for name in FIELDS} for cell, sums in expected.items()}


def test_columns_that_do_not_fit_each_other_are_refused() -> None:
    one = np.ones(1, np.int64)
    with pytest.raises(ValueError, match="divide"):
        list(movements((np.array([0, 2]), one, one, one), np.array(BOUNDS), None, 1))
    with pytest.raises(ValueError, match="length"):
        list(movements((np.array([0, 1]), one, one, one), np.array(BOUNDS), np.zeros((2, 2), np.int64), 1))
