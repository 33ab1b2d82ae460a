"""Raw scores onto a scale of 0 to 100, against the population itself or a frozen reference; bands of a scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import MICRO
from engagement_cli.kernels.intervals import Floats
from engagement_cli.kernels.runs import starts
from engagement_cli.native.lookup import places_among
from engagement_cli.records import Record

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
        values, counts = (np.concatenate(each) for each in zip(*((p.values, p.counts) for p in parts), strict=True))
        return _summed(values, counts)

    def find(self, values: Int64s) -> tuple[Int64s, Int64s]:
        """Of each of some values how many of the distinct ones are below it, and its count; 0 where nobody has it."""
        place = places_among(self.values, values)
        if not len(self.values):
            return place, np.zeros(len(values), np.int64)
        at = np.minimum(place, len(self.values) - 1)
        return place, np.where(self.values[at] == values, self.counts[at], 0)

    def of(self, values: Int64s) -> Int64s:
        """The count of each of some values; 0 for those that nobody has."""
        return self.find(values)[1]

    @cached_property
    def upto(self) -> Int64s:
        """How many customers are below the first value, up to it, up to the second, and so on."""
        return np.concatenate([[0], np.cumsum(self.counts)]).astype(np.int64)

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
    order = np.argsort(values, kind="stable")  # of sorted parts it merges their runs
    values, at = values[order], starts(values[order])
    return Distribution(values[at], np.add.reduceat(amounts[order], at) if len(at) else amounts[:0])


def doubled_ranks(values: Int64s, reference: Distribution) -> Int64s:
    """Twice the mid-rank of each value in a reference, from 0 to 2 × its size: those below + those at or below."""
    below, equal = reference.find(values)
    return np.asarray(2 * reference.upto[below] + equal, np.int64)


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
