"""Ends of terms beside Python's own calendar."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.terms import Anchors, Offsets, terms_due

EPOCH = datetime(1970, 1, 1)
SWITCH, AHEAD = 1_711_850_400, 7200  # two hours more from then on
MOMENTS = st.datetimes(datetime(1890, 1, 1), datetime(2090, 1, 1)).map(lambda d: d.replace(microsecond=0))
STEPS = st.sampled_from([(1, 0), (3, 0), (12, 0), (0, 7)])


def seconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(seconds=1)


def moved(moment: datetime, months: int, days: int) -> datetime:
    month = moment.year * 12 + moment.month - 1 + months
    length = calendar.monthrange(month // 12, month % 12 + 1)[1]
    there = moment.replace(year=month // 12, month=month % 12 + 1, day=min(moment.day, length))
    return there + timedelta(days=days)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(MOMENTS, STEPS, st.integers(0, 5), st.integers(0, 30), st.booleans()), max_size=4),
    MOMENTS,
    st.integers(0, 4000),
)
def test_terms_end_at_the_same_local_time_on_the_last_day_of_shorter_months(
    rows: list[tuple[datetime, tuple[int, int], int, int, bool]], begins: datetime, length: int
) -> None:
    first, last = seconds(begins) * 10, seconds(begins + timedelta(days=length)) * 10
    local = np.array([seconds(moment) for moment, *_ in rows], np.int64)
    ended = np.array([(last + first) // 2 if stops else last for *_, stops in rows], np.int64)
    months, days, low, count = (
        np.array(column, np.int64)
        for column in zip(*[(*step, low, count) for _, step, low, count, _ in rows] or [(0, 0, 0, 0)], strict=True)
    )
    size = len(rows)
    anchors = Anchors(local, np.full(size, 3), ended, months[:size], days[:size])
    offsets = Offsets(np.array([SWITCH]), np.array([0, AHEAD]))
    found = terms_due(anchors, low[:size], count[:size], offsets, 10, first, last)
    expected = []
    for row, (moment, (month, day), least, steps, _) in enumerate(rows):
        for step in range(least, least + steps):
            then = seconds(moved(moment, month * step, day * step))
            end = (then - (AHEAD if then >= SWITCH else 0)) * 10 + 3
            if first <= end < last and end <= ended[row]:
                expected.append((row, end))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected


def test_columns_of_another_length_are_refused() -> None:
    one, two = np.ones(1, np.int64), np.ones(2, np.int64)
    with pytest.raises(ValueError, match="length"):
        terms_due(Anchors(one, one, one, one, two), one, one, Offsets(one[:0], one), 1, 0, 9)
    with pytest.raises(ValueError, match="length"):
        terms_due(Anchors(one, one, one, one, one), one, one, Offsets(one, one), 1, 0, 9)
