"""Two tables of rising keys as one, beside sets of Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement_cli.native.merging import counted_union, union

NUMBERS = st.integers(0, 4) | st.integers(2**64 - 3, 2**64 - 1)


def keys(words: int) -> st.SearchStrategy[list[tuple[int, ...]]]:
    return st.sets(st.tuples(*[NUMBERS] * words), max_size=30).map(sorted)


@settings(max_examples=150)
@given(st.integers(1, 3).flatmap(lambda words: st.tuples(st.just(words), keys(words), keys(words))))
def test_both_sides_are_merged_and_say_where_they_are(
    given_keys: tuple[int, list[tuple[int, ...]], list[tuple[int, ...]]],
) -> None:
    words, left, right = given_keys
    sides = [np.array(side, np.uint64).reshape(-1, words) for side in (left, right)]
    merged, of_left, of_right = union(*sides)
    found = [tuple(key) for key in merged.tolist()]
    assert found == sorted({*left, *right})
    assert [found[place] for place in of_left] == left
    assert [found[place] for place in of_right] == right


def test_keys_of_different_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="one width"):
        union(np.zeros((1, 1), np.uint64), np.zeros((1, 2), np.uint64))


@given(st.dictionaries(st.integers(-9, 9), st.integers(-3, 5)), st.dictionaries(st.integers(-9, 9), st.integers(1, 5)))
def test_counts_of_numbers_in_both_are_added_up(left: dict[int, int], right: dict[int, int]) -> None:
    sides = [np.array(sorted(each.items()), np.int64).reshape(-1, 2).T for each in (left, right)]
    numbers, counts = counted_union(*((side[0], side[1]) for side in sides))
    expected = sorted({number: left.get(number, 0) + right.get(number, 0) for number in left | right}.items())
    assert [*zip(numbers.tolist(), counts.tolist(), strict=True)] == expected
