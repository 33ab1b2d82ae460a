"""Packing beside arithmetic on Python's integers."""

from __future__ import annotations

import numpy as np
import pytest

from engagement_cli.native.packing import divides, packed, unpacked

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


@pytest.mark.parametrize(("unit", "units", "kinds"), [(1, 2**40, 2**9), (86_400 * 10**6, 1000, 1), (3600, 2**40, 1)])
def test_what_is_packed_sorts_as_its_parts_do_and_comes_back(unit: int, units: int, kinds: int) -> None:
    customer = RANDOM.integers(0, 9, 200).astype(np.uint32)
    ticks = RANDOM.integers(0, units, 200) * unit - 10**15
    kind = RANDOM.integers(0, kinds, 200).astype(np.uint32)
    kind_bits = (kinds - 1).bit_length()
    how = {"first": -(10**15), "unit": unit, "shift": units.bit_length() + kind_bits, "kind_bits": kind_bits}
    keys = packed(customer, ticks, kind, **how)
    assert (np.argsort(keys, kind="stable") == np.lexsort([kind, ticks, customer])).all()
    for found, given in zip(unpacked(keys, **how), (customer, ticks, kind), strict=True):
        assert found.dtype == given.dtype
        assert found.tolist() == given.tolist()
