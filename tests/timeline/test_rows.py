"""Rows taken from rows are those rows, whichever way they are chosen."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from numpy.typing import NDArray

from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.rows import Rows


def some(count: int) -> Rows:
    random = np.random.default_rng(count)
    return Rows(
        np.sort(random.integers(0, 50, count)).astype(np.uint32),
        random.integers(0, 10**9, count),
        random.integers(0, 40, count).astype(np.uint32),
        {"value": random.integers(0, 100, count)},
        {"order": random.integers(0, 100, count).astype(np.uint64)},
    )


def columns(rows: Rows) -> list[list[int]]:
    values = (rows.customer, rows.time, rows.kind, rows.numbers["value"], rows.things["order"])
    return [column.tolist() for column in values]


@pytest.mark.parametrize("count", [0, 1, 100, 5000])
@pytest.mark.parametrize("kinds", [[], [3], [3, 39], list(range(20)), list(range(40))])
def test_rows_of_kinds_are_those_of_a_mask(count: int, kinds: list[int]) -> None:
    rows = some(count)
    mask = np.zeros(45, dtype=bool)  # some kinds occur on no row
    mask[kinds] = True
    expected = [[v for v, k in zip(column, rows.kind.tolist(), strict=True) if mask[k]] for column in columns(rows)]
    assert columns(rows.of_kinds(mask)) == expected
    assert len(rows.of_kinds(mask)) == len(expected[0])


def test_rows_are_taken_from_taken_rows() -> None:
    rows = some(300)
    even = rows.take(np.arange(0, 300, 2))
    late = even.take(even.time > 5 * 10**8)
    part = late.take(slice(3, 9))
    expected = np.arange(0, 300, 2)[even.time > 5 * 10**8][3:9]
    assert columns(part) == [[column[i] for i in expected.tolist()] for column in columns(rows)]


def test_a_period_is_worked_out_once_for_all_rows_but_for_few_alone() -> None:
    rows = some(3000)
    asked: list[int] = []

    def index(whole: Rows) -> NDArray[np.int32]:
        asked.append(len(whole))
        return (whole.time // 10**8).astype(np.int32)

    few, most, others = (rows.of_kinds(mask) for mask in (np.arange(40) < 2, np.arange(40) > 9, np.arange(40) == 2))
    for some_rows in (few, few, most, others, rows):
        assert some_rows.period("day", index).tolist() == (some_rows.time // 10**8).tolist()
    assert asked == [len(few), 3000]


def test_rows_that_forget_do_not_outlive_who_holds_them() -> None:
    gc.collect()
    gc.disable()
    try:
        rows = some(3000)
        rows.of_kinds(np.arange(40) < 2)
        rows.of_kinds(np.arange(41) < 40)
        rows.forget()
        gone = weakref.ref(rows)
        del rows
        assert gone() is None
    finally:
        gc.enable()


def test_labels_of_equal_texts_are_one() -> None:
    labels = Labels.of(np.array([0, 1, 2]), ["b", "a", "b"])
    assert labels.series().to_list() == ["b", "a", "b"]
    assert labels.texts == ("a", "b")
    joined = Labels.joined([labels, Labels.same("c", 2), labels.take(np.array([1]))])
    assert joined.series().to_list() == ["b", "a", "b", "c", "c", "a"]


@pytest.mark.parametrize(("begins", "ends"), [(0, 10**9), (10**8, 4 * 10**8), (7, 7), (9, 3), (-(2**70), 2**70)])
def test_rows_within_a_range_are_those_of_a_mask(begins: int, ends: int) -> None:
    rows = some(3000)
    inside = (rows.time >= begins) & (rows.time < ends)
    found = rows.within(begins, ends)
    assert columns(found) == columns(rows.take(inside))
    assert (found is rows) == bool(inside.all())


@pytest.mark.parametrize("begins", [0, 10**8, 9 * 10**8, 2 * 10**9])
def test_kinds_of_rows_within_a_range_are_those_of_a_mask(begins: int) -> None:
    rows = some(9000)
    mask = np.arange(40) % 3 == 0
    found = rows.within(begins, 10**9).of_kinds(mask)
    assert columns(found) == columns(rows.take((rows.time >= begins) & mask[rows.kind]))


def test_a_mask_of_another_length_is_refused() -> None:
    with pytest.raises(IndexError, match="2 flags for 5 rows"):
        some(5).take(np.ones(2, np.bool_))
