"""Moments that the compiled loop does not take are those that a query finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from engagement_cli.metrics.parts import per_customer
from engagement_cli.metrics.parts.per_customer import moments, moments_of_sides
from engagement_cli.native.moments import NOBODY, Side
from engagement_cli.timeline.labels import Labels


def rows(seed: int, count: int = 300) -> tuple[Any, ...]:
    random = np.random.default_rng(seed)
    customer = random.integers(0, 20, count).astype(np.uint32)
    customer[random.integers(0, count, 30)] = NOBODY
    period, group = random.integers(-1, 6, count).astype(np.int32), random.integers(0, 3, count)
    return customer, period, group, random.integers(-(2**40), 2**40, count)


@pytest.mark.parametrize("cap", [None, 2**38])
def test_many_cells_are_queried_and_give_the_same(cap: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> list[pl.DataFrame]:
        x, y = rows(1), rows(2)
        ones = np.ones(len(x[0]), np.int64)
        sides = moments_of_sides(Side(*x), Side(*y[:3]), ("a", "b", "c"), cap)
        return [sides.frame(), moments(x[0], x[1], Labels(x[2], ("a", "b", "c")), x[3], ones).frame()]

    looped = found()
    monkeypatch.setattr(per_customer, "ROOM", -(10**6))
    for one, other in zip(looped, found(), strict=True):
        assert one.equals(other)


def test_sums_that_64_bits_do_not_hold_are_exact() -> None:
    customer, period = np.zeros(3, np.uint32), np.zeros(3, np.int32)
    found = moments(customer, period, Labels.same("", 3), np.full(3, 2**62), np.array([1, 0, 0]))
    assert found.frame(["x", "xy", "n"]).rows() == [(3 * 2**62, 3 * 2**62, 1)]
