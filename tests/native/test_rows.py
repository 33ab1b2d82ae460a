"""Chosen rows beside NumPy's own choosing."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native import rows

EDGES = [-(2**63), -1, 0, 1, 2**63 - 1]
TIMES = st.lists(st.one_of(st.sampled_from(EDGES), st.integers(-(2**63), 2**63 - 1), st.integers(0, 20)))
KINDS = st.lists(st.integers(0, 9))


@given(st.lists(st.booleans()))
def test_flags_that_are_set_have_positions(flags: list[bool]) -> None:
    mask = np.array(flags, dtype=np.bool_)
    assert rows.where(mask).tolist() == np.flatnonzero(mask).tolist()


@given(TIMES, st.sampled_from([*EDGES, 5, 15]), st.sampled_from([*EDGES, 5, 15]))
def test_times_of_a_range_have_positions(times: list[int], begins: int, ends: int) -> None:
    time = np.array(times, dtype=np.int64)
    assert rows.within(time, begins, ends).tolist() == [i for i, t in enumerate(times) if begins <= t < ends]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 4))))
def test_rows_are_counted_by_kind_and_period_and_each_must_be_in_the_table(found: list[tuple[int, int]]) -> None:
    kind, period = (np.array([each[i] for each in found], dtype) for i, dtype in enumerate((np.uint32, np.int32)))
    counts = np.ones((3, 4), np.int64)
    if any(k > 2 or not 0 <= p < 4 for k, p in found):
        with pytest.raises(IndexError):
            rows.tally(kind, period, counts)
    else:
        rows.tally(kind, period, counts)
        assert counts.tolist() == [[1 + found.count((k, p)) for p in range(4)] for k in range(3)]


@given(KINDS, st.sets(st.integers(0, 9)))
def test_rows_are_counted_and_found_by_kind(kinds: list[int], wanted: set[int]) -> None:
    kind = np.array(kinds, dtype=np.uint32)
    counts = rows.count_kinds(kind)
    assert counts.tolist() == np.bincount(kind, minlength=1).tolist()
    assert rows.by_kind(kind, counts).tolist() == np.argsort(kind, kind="stable").tolist()
    flags = np.isin(np.arange(len(counts)), list(wanted))
    assert rows.of_kinds(kind, counts, flags).tolist() == [i for i, k in enumerate(kinds) if k in wanted]


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2))).map(sorted), st.data())
def test_runs_are_counted(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    customer = np.array([pair[0] for pair in pairs], np.uint32)
    period = np.array([pair[1] for pair in pairs], np.int32)
    at = sorted(data.draw(st.sets(st.integers(0, len(pairs) - 1)))) if pairs else []
    for places, chosen in ((None, pairs), (np.array(at, np.uint32), [pairs[i] for i in at])):
        found = zip(*(column.tolist() for column in rows.runs(customer, period, places)), strict=True)
        assert [*found] == [(*pair, len([*run])) for pair, run in groupby(chosen)]


@given(st.lists(st.integers(0, 6)), st.sampled_from([np.int64, np.uint64, np.int32, np.uint32]))
def test_columns_are_gathered(at: list[int], dtype: type[np.integer]) -> None:
    column = np.arange(14, dtype=dtype)[::2]
    places = rows.narrowed(np.array(at, dtype=np.int64), len(column))
    found = rows.gathered(column, places)
    assert found.tolist() == [2 * i for i in at]
    assert found.dtype == dtype


@pytest.mark.parametrize("wrong", [-1, 7, 2**32])
def test_positions_outside_are_refused(wrong: int) -> None:
    with pytest.raises(IndexError, match="among 7 rows"):
        rows.narrowed(np.array([0, wrong]), 7)
