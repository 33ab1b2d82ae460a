"""The union of couples beside that of sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement_cli.native.unions import Couples, union

COUPLES = st.sets(st.tuples(st.integers(0, 4), st.integers(-2, 3)))


def columns(couples: set[tuple[int, int]]) -> Couples:
    customer, period = np.array(sorted(couples), np.int64).reshape(-1, 2).T
    return customer.astype(np.uint32), period.astype(np.int32)


@given(COUPLES, COUPLES)
def test_couples_of_either_come_once_and_sorted(a: set[tuple[int, int]], b: set[tuple[int, int]]) -> None:
    customer, period = union(columns(a), columns(b))
    assert list(zip(customer.tolist(), period.tolist(), strict=True)) == sorted(a | b)


def test_columns_of_different_length_are_refused() -> None:
    one, two = columns({(0, 0)}), columns({(0, 0), (0, 1)})
    with pytest.raises(ValueError, match="one length"):
        union(one, (one[0], two[1]))
