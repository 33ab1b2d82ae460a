"""Whole numbers in as few bytes as hold them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.narrow import narrowed

MISSING = int(np.iinfo(np.int64).min)
BOUNDS = [bound for width in (8, 16, 32, 64) for bound in (-(2 ** (width - 1)) + 1, 2 ** (width - 1) - 1)]
NUMBERS = st.lists(st.sampled_from([MISSING, 0, 1, *BOUNDS]) | st.integers(-130, 130), max_size=20)


@given(NUMBERS, st.booleans())
def test_numbers_keep_their_values_and_take_no_byte_too_many(numbers: list[int], some: bool) -> None:
    values = np.array(numbers, np.int64)
    at = np.arange(0, len(values), 2, dtype=np.uint32) if some else None
    asked = values if at is None else values[at]
    found = narrowed(values, at, np.empty(len(values), np.uint64))
    missing = found == np.iinfo(found.dtype).min
    assert (missing == (asked == MISSING)).all()
    assert (found[~missing] == asked[~missing]).all()
    largest = max((abs(int(number)) for number in asked if number != MISSING), default=0)
    assert found.itemsize == next(width for width in (1, 2, 4, 8) if largest < 2 ** (8 * width - 1))


def test_room_for_all_is_asked_for() -> None:
    with pytest.raises(ValueError, match="room for 1 of 2 numbers"):
        narrowed(np.zeros(2, np.int64), None, np.empty(1, np.uint64))
