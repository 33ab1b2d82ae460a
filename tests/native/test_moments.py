"""Moments beside plain Python's whole numbers, which have no end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.distinct import distinct_in_runs
from engagement_cli.native.moments import NOBODY, Grid, Moments, Side, moments

Row = tuple[int, int, int, int]  # customer, period, group, amount
GRID = Grid(groups=3, first=-1, periods=4)
AMOUNTS = st.integers(-5, 5) | st.integers(-(2**58), 2**58)
ROWS = st.lists(
    st.tuples(st.sampled_from([0, 1, 2, NOBODY]), st.integers(-1, 2), st.integers(0, 2), AMOUNTS), max_size=12
)


def side(rows: Sequence[Row]) -> Side:
    customer, period, group, amount = (np.array([row[i] for row in rows], np.int64) for i in range(4))
    return Side(customer.astype(np.uint32), period.astype(np.int32), group, amount)


def whole(found: Moments | None) -> dict[int, list[int]]:
    assert found is not None
    words = zip(found.low.T.tolist(), found.high.T.tolist(), strict=True)
    sums = [[high * 2**64 + low for low, high in zip(*each, strict=True)] for each in words]
    return {
        cell: [*each, n] for cell, each, n in zip(found.cells.tolist(), sums, found.customers.tolist(), strict=True)
    }


def by_python(x: Sequence[Row], y: Sequence[Row], cap: int | None, *, paired: bool) -> dict[int, list[int]]:
    alone = count(NOBODY + 1)
    names = [next(alone) if row[0] == NOBODY else row[0] for row in x]
    others = names if paired else [next(alone) if row[0] == NOBODY else row[0] for row in y]
    each: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for place, rows, owners in ((0, x, names), (1, y, others)):
        for (_, period, group, amount), owner in zip(rows, owners, strict=True):
            each[owner, group * GRID.periods + period - GRID.first][place] += amount
    found: dict[int, list[int]] = defaultdict(lambda: [0] * 6)
    for (_, cell), (above, b) in each.items():
        a = above if cap is None else min(above, cap)
        found[cell] = [old + new for old, new in zip(found[cell], (a, b, a * a, b * b, a * b, b != 0), strict=True)]
    return dict(found)


@given(ROWS, ROWS, st.none() | st.integers(1, 4))
def test_two_sides_add_up_as_python_does(x: list[Row], y: list[Row], cap: int | None) -> None:
    assert whole(moments(side(x), side(y), GRID, cap)) == by_python(x, y, cap, paired=False)


@given(ROWS, st.data())
def test_two_amounts_of_the_same_rows_add_up_as_python_does(x: list[Row], data: st.DataObject) -> None:
    y = [(*row[:3], data.draw(AMOUNTS)) for row in x]
    assert whole(moments(side(x), side(y), GRID, paired=True)) == by_python(x, y, None, paired=True)


@pytest.mark.parametrize("customers", [3, 700, 5000])
def test_many_rows_add_up_as_python_does(customers: int) -> None:
    random = np.random.default_rng(customers)
    x, y = (
        sorted(zip(*(random.integers(low, high, 4000).tolist() for low, high in bounds), strict=True))
        for bounds in [((0, customers), (-1, 3), (0, 3), (-9, 9))] * 2
    )
    y += [(NOBODY, 0, 1, 5)] * 3
    assert whole(moments(side(x), side(y), GRID)) == by_python(x, y, None, paired=False)


def test_rows_without_an_amount_add_one() -> None:
    customer, period = np.array([0, 0, 1, NOBODY, NOBODY], np.uint32), np.zeros(5, np.int32)
    found = whole(moments(Side(customer, period), Side(customer[:2], period[:2]), Grid(1, 0, 1)))
    assert found == {0: [5, 2, 4 + 1 + 1 + 1, 4, 4, 1]}


def test_a_sum_beyond_64_bits_is_refused() -> None:
    for largest in (2**62, -(2**62) - 1):
        assert moments(side([(0, 0, 0, largest)] * 2), side([]), GRID) is None


def test_no_rows_are_no_cells() -> None:
    assert whole(moments(side([]), side([]), GRID)) == {}


@pytest.mark.parametrize("length", [1, 3, 24, 25, 200])
def test_things_are_counted_once_in_each_run(length: int) -> None:
    random = np.random.default_rng(length)
    things = random.integers(0, 2**64, length, np.uint64)[random.integers(0, length, 5 * length)]
    before, starts = things.copy(), np.arange(0, 5 * length, length)
    expected = [len(set(things[at : at + length].tolist())) for at in starts]
    assert distinct_in_runs(things, starts).tolist() == expected
    assert (things == before).all()
