"""Raw scores onto a scale of 0 to 100, against the population itself or a frozen reference; bands of a scale."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import Floats
from engagement_cli.kernels.runs import starts
from engagement_cli.native.lookup import doubled_places
from engagement_cli.native.merging import counted_union
from engagement_cli.native.order import order_of
from engagement_cli.records import Record

_LEAST = int(np.iinfo(np.int64).min)

Scale = Literal["percentile", "max", "none"]


class Distribution(Record):
    """Distinct values, rising, with how many customers have each, or what these amount to."""

    values: Int64s
    counts: Int64s

    @staticmethod
    def joined(parts: Sequence[Distribution]) -> Distribution:
        """The distribution of the values of all parts."""
        if len(parts) == 1:
            return parts[0]
        half = len(parts) // 2
        sides = (Distribution.joined(parts[:half]), Distribution.joined(parts[half:]))
        return Distribution(*counted_union(*((side.values, side.counts) for side in sides)))

    def of(self, values: Int64s) -> Int64s:
        """The count of each of some values; 0 for those that nobody has."""
        return self._counts[doubled_places(self.values, values)]

    @cached_property
    def _counts(self) -> Int64s:
        """By doubled places."""
        counts = np.zeros(2 * len(self.values) + 1, np.int64)
        counts[1::2] = self.counts
        return counts

    @cached_property
    def upto(self) -> Int64s:
        """How many customers are below the first value, up to it, up to the second, and so on."""
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64)

    @cached_property
    def doubled_ranks(self) -> Int64s:
        """Twice the mid-ranks of what is below the first value, of that, of what is between it and the second, and so
        on: those below + those at or below."""
        return (
            self.upto[np.arange(2 * len(self.values) + 1) // 2] + self.upto[np.arange(1, 2 * len(self.values) + 2) // 2]
        )

    @property
    def size(self) -> int:
        """How many customers there are."""
        return int(self.upto[-1])


def distribution(values: Int64s, amounts: Int64s | None = None) -> Distribution:
    """The distribution of values, one a customer; with amounts their sums instead of numbers of customers."""
    if amounts is not None:
        return _summed(values, amounts)
    distinct, counts = np.unique(values, return_counts=True)
    return Distribution(distinct, counts.astype(np.int64))


def _summed(values: Int64s, amounts: Int64s) -> Distribution:
    order = order_of(values)
    values, at = values[order], starts(values[order])
    return Distribution(values[at], np.add.reduceat(amounts[order], at) if len(at) else amounts[:0])


def doubled_ranks(values: Int64s, reference: Distribution) -> Int64s:
    """Twice the mid-rank of each value in a reference, from 0 to 2 × its size."""
    return reference.doubled_ranks[doubled_places(reference.values, values)]


def least_from(reference: Distribution, percentile: float) -> int | None:
    """The least whole number that is at or above a percentile, as `scaled` has it; None where none is."""
    if not reference.size:
        return None
    ranks = reference.doubled_ranks
    place = bisect_left(range(len(ranks)), percentile, key=lambda at: int(ranks[at]) * 50.0 / reference.size)
    if place == 0 or place == len(ranks):
        return _LEAST if place == 0 else None
    return int(reference.values[place // 2]) if place % 2 else int(reference.values[place // 2 - 1]) + 1


def scaled(values: Int64s, reference: Distribution, how: Scale) -> Floats:
    """Raw scores (millionths) on a scale; NaN where a reference is needed and nobody is in it.

    `percentile`: those below and half of the equal ones, of 100. `max`: 100 × value ÷ the reference's largest, kept
    within 0 and 100, all 0 where the largest is not above 0. `none`: points.
    """
    if how == "none":
        return values / MICRO
    if not reference.size:
        return np.full(len(values), np.nan)
    if how == "percentile":
        return doubled_ranks(values, reference) * 50.0 / reference.size
    largest = int(reference.values[-1])
    if largest <= 0:
        return np.zeros(len(values))
    return np.asarray(np.clip(values * 100.0 / largest, 0.0, 100.0), np.float64)


def band_of(scores: Floats, bounds: Floats) -> Int64s:
    """The band of each score: the last whose lower bound it reaches; scores below all are in the first, NaN in −1."""
    band = np.maximum(np.searchsorted(bounds, scores, side="right") - 1, 0)
    return np.where(np.isnan(scores), -1, band)


def rank_correlation(a: Int64s, b: Int64s) -> float | None:
    """Spearman's rank correlation with mid-ranks for ties; None where either side is constant.

    Sums are exact integers, so that the order of the rows changes nothing.
    """
    n = len(a)
    x, y = (doubled_ranks(v, distribution(v)) - n for v in (a, b))  # centred: doubled mid-ranks average n
    xy, xx, yy = (exact_dot(p, q) for p, q in ((x, y), (x, x), (y, y)))
    return None if xx == 0 or yy == 0 else max(-1.0, min(1.0, xy / math.sqrt(xx * yy)))


def exact_dot(x: Int64s, y: Int64s) -> int:
    """Σ x·y as a Python integer: products of ranks fit 63 bits, their sum may not, so their halves are summed apart."""
    product = x * y
    return (int((product >> 32).sum()) << 32) + int((product & 0xFFFFFFFF).sum())
