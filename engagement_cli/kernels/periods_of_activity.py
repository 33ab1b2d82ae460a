"""What a customer's active periods say: life cycle, frequency.

All take the distinct pairs (customer, period), sorted. Periods count from 0; a negative one lies before the range: it
is history, seen but not reported on.
"""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Flags, Int64s, Integers
from engagement_cli.kernels.runs import starts
from engagement_cli.records import Record


class Lifecycle(Record):
    """Customers a period (int64, one value a period); new + returning + resurrected are the active ones."""

    new: Int64s
    returning: Int64s
    resurrected: Int64s
    dormant: Int64s


def lifecycle(customer: Integers, period: Integers, periods: int) -> Lifecycle:
    """Count each period's customers by what they did before.

    New: the first period of all given. Returning: active also in the period before. Resurrected: not in the one before,
    but earlier. Dormant: active in the one before, not in this.
    """
    when: Int64s = period.astype(np.int64)
    step = transitions(customer, period)
    return Lifecycle(
        new=_count(when[step.new], periods),
        returning=_count(when[step.returning], periods),
        resurrected=_count(when[step.resurrected], periods),
        dormant=_count(when[step.leaving] + 1, periods),
    )


class Transitions(Record):
    """What each active period is to its customer, one flag a pair: the first three exclude each other.

    `leaving`: the customer is not active in the period after, in which he is dormant.
    """

    new: Flags
    returning: Flags
    resurrected: Flags
    leaving: Flags


def transitions(customer: Integers, period: Integers) -> Transitions:
    """What each of the distinct (customer, period) pairs, sorted, is by those around it."""
    first = np.zeros(len(period), np.bool_)
    first[starts(customer)] = True
    consecutive = np.zeros(len(period), np.bool_)
    consecutive[1:] = ~first[1:] & (period[1:].astype(np.int64) == period[:-1].astype(np.int64) + 1)
    followed = np.append(consecutive[1:], False)[: len(period)]
    return Transitions(first, consecutive, ~first & ~consecutive, ~followed)


def frequency(customer: Integers, period: Integers, periods: int) -> Int64s:
    """Customers active in exactly n of the periods 0 .. periods - 1, for n = 0 .. periods (int64, periods + 1 values).

    n = 0 counts those of the customers given whose active periods all lie outside the range.
    """
    if len(customer) == 0:
        return np.zeros(periods + 1, np.int64)
    inside = (period >= 0) & (period < periods)
    return _count(np.add.reduceat(inside, starts(customer), dtype=np.int64), periods + 1)


def _count(values: Int64s, size: int) -> Int64s:
    return np.bincount(values[(values >= 0) & (values < size)], minlength=size)
