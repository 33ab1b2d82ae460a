"""Division beside arithmetic on Python's integers."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.division import divides

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("first", [-(2**63), -(10**15), 0, 10**18])
@pytest.mark.parametrize("unit", [1, 3, 1000, 2**20, 86_400 * 10**6, 86_400 * 10**9])
def test_a_unit_divides_what_leaves_no_rest(first: int, unit: int) -> None:
    most = (2**63 - 1 - first) // unit
    ticks = np.array([first + unit * int(n) for n in RANDOM.integers(0, min(most, 10**9), 50)] + [first + unit * most])
    assert divides(unit, ticks, first)
    for rest in {1, unit // 2, unit - 1} - {0}:
        ticks[7] = first + rest
        assert divides(unit, ticks, first) == (rest % unit == 0)


def test_nothing_is_divided_by_every_unit() -> None:
    assert divides(7, np.empty(0, np.int64), 0)
    assert divides(7, np.array([-(2**63), 13, 6]), 6)  # what is before does not count
