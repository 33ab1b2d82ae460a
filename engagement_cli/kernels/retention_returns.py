"""Where a customer's return events lie: how many of all come before (customer, instant)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engagement_cli.kernels.arrays import Int64s, Integers
from engagement_cli.kernels.pairs import PairIndex, index_pairs, positions, positions_from

_CELLS_PER_ROW = 4
_CELLS_ALWAYS = 1 << 16


@dataclass(frozen=True)
class Returns:
    """Return rows sorted by (customer, time), prepared for counting.

    `before`, where it was worth making, answers for the instants `bounds[base], bounds[base + 1], …` by look-up:
    `before[customer * width + i]` rows come before (customer, bounds[base + i]).
    """

    index: PairIndex
    customer: Integers
    bounds: Int64s
    before: Integers | None
    base: int
    width: int


def prepare_returns(
    customer: Integers,
    time: Int64s,
    customers: int,
    bounds: Int64s,
    asked: range | None,
    in_period: Callable[[Int64s], Integers],
) -> Returns:
    """Index the return rows of customers `0 .. customers - 1`; `asked`: the bounds that will be asked for, if known."""
    index = index_pairs(customer, time, customers)
    width = 0 if asked is None else len(asked)
    cells = customers * width
    if asked is None or cells == 0 or cells > max(_CELLS_PER_ROW * len(time), _CELLS_ALWAYS):
        return Returns(index, customer, bounds, None, 0, 0)
    # A row counts before every later bound: it is put into the cell of the first bound after it.
    period = in_period(time) + (1 - asked.start)
    inside = np.clip(period, 0, width)
    cell = customer.astype(np.int64) * width + inside
    before: Integers = np.cumsum(
        np.bincount(cell, minlength=cells + 1), dtype=np.int32 if len(time) < 1 << 31 else np.int64
    )
    return Returns(index, customer, bounds, before, asked.start, width)


def count_before(returns: Returns, customer: Integers, instant: Int64s, at_least: Integers | None = None) -> Integers:
    """Return rows before each (customer, instant), those of lower customers included; `at_least` is a known part."""
    if at_least is None:
        return positions(returns.index, customer, instant)
    return positions_from(returns.index, customer, instant, at_least)


def counter_of_periods(returns: Returns, customer: Integers, period: Int64s) -> Callable[[int], Integers]:
    """A function of k: the return rows before period + k begins, as `count_before`, for each (customer, period)."""
    before = returns.before
    if before is None:
        return lambda offset: positions(returns.index, customer, returns.bounds[period + offset])
    cell = customer.astype(np.int64) * returns.width + (period - returns.base)
    return lambda offset: before[cell + offset]


def count_through(returns: Returns, customer: Integers) -> Int64s:
    """Return rows up to each customer's last one, those of lower customers included."""
    return np.searchsorted(returns.customer, customer, side="right")
