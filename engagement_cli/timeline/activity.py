"""Who did what in which period: the distinct (customer, period) pairs of every selection, in one pass over the rows.

Every selection of the report has one bit. The bits of a customer's rows in a day are or-ed once; weeks, months and all
other grains of days are or-ed from the customer-days, which are far fewer than rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.runs import starts
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import EVERYBODY, Codes, Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.rows import Rows

DAY = Grain("day")
Words = NDArray[np.uint64]


@dataclass(frozen=True)
class Pairs:
    """Distinct (customer, period, group) triples, sorted by customer and period."""

    customer: NDArray[np.uint32]
    period: NDArray[np.int32]
    group: Codes


@dataclass(frozen=True)
class _Marked:
    """Distinct (customer, period) pairs with one bit a selection that matched, in words of 64."""

    customer: NDArray[np.uint32]
    period: NDArray[np.int32]
    words: tuple[Words, ...]


def pairs(
    bucket: Bucket, grain: Grain, selection: Selection, grouping: Grouping = EVERYBODY, *, history: bool = False
) -> Pairs:
    """Who had a selected row in which period of `[since, until)`; with `history`, also before `since`.

    The group is the event's, or the customer's at the period's start.
    """
    if grouping.of_events or selection not in bucket.selections:
        return _pairs_of_rows(bucket, grain, selection, grouping, history=history)
    marked = _marked(bucket, grain, history=history)
    word, bit = divmod(bucket.selections.index(selection), 64)
    hit = (marked.words[word] >> np.uint64(bit)) & np.uint64(1) == 1
    customer, period = marked.customer[hit], marked.period[hit]
    starts_at = bucket.clock.periods(grain).bounds[:-1]
    return Pairs(customer, period, grouping.customers(customer, starts_at[np.clip(period, 0, len(starts_at) - 1)]))


def _read(bucket: Bucket, *, history: bool) -> Rows:
    """The rows in range or, with `history`, all before `until`; the very same object where that is all of them."""
    rows, clock = bucket.rows, bucket.clock
    if not history:
        return bucket.in_range(rows)
    return rows if clock.until > clock.last else bucket.shared("history", lambda: rows.take(rows.time < clock.until))


def _pairs_of_rows(bucket: Bucket, grain: Grain, selection: Selection, grouping: Grouping, *, history: bool) -> Pairs:
    rows = bucket.select(_read(bucket, history=history), selection)
    period = bucket.period(rows, grain)
    bounds = bucket.clock.periods(grain).bounds
    group = grouping.rows(rows, bounds[np.clip(period, 0, len(bounds) - 2)])
    order = np.lexsort((group, period, rows.customer)) if grouping.of_events else slice(None)
    customer, period, group = rows.customer[order], period[order], group[order]
    changed = starts(customer, period, group) if grouping.of_events else starts(customer, period)
    return Pairs(customer[changed], period[changed], group[changed])


def _marked(bucket: Bucket, grain: Grain, *, history: bool) -> _Marked:
    rows = _read(bucket, history=history)
    same = history and bucket.in_range(bucket.rows) is rows
    return bucket.shared(
        ("marked", grain, history and not same),
        lambda: _of_rows(bucket, rows, grain) if grain.unit == "hour" else _of_days(bucket, grain, history=history),
    )


def _of_rows(bucket: Bucket, rows: Rows, grain: Grain) -> _Marked:
    period = bucket.period(rows, grain)
    at = starts(rows.customer, period)
    words = []
    for first in range(0, max(len(bucket.selections), 1), 64):
        bits = np.zeros(len(bucket.kinds), dtype=np.uint64)
        for i, selection in enumerate(bucket.selections[first : first + 64]):
            bits |= bucket.mask(selection).astype(np.uint64) << np.uint64(i)
        words.append(_or(bits[rows.kind], at))
    return _Marked(rows.customer[at], period[at], tuple(words))


def _of_days(bucket: Bucket, grain: Grain, *, history: bool) -> _Marked:
    if grain == DAY:
        return _of_rows(bucket, _read(bucket, history=history), DAY)
    days = _marked(bucket, DAY, history=history)
    if grain.unit == "total":
        at = starts(days.customer)
        return _Marked(days.customer[at], np.zeros(len(at), np.int32), tuple(_or(w, at) for w in days.words))
    coarse = bucket.clock.periods(grain)
    day_starts = bucket.clock.periods(DAY).bounds
    period = coarse.index(day_starts)[days.period]
    at = starts(days.customer, period)
    return _Marked(days.customer[at], period[at], tuple(_or(w, at) for w in days.words))


def _or(words: Words, at: NDArray[np.int64]) -> Words:
    return np.bitwise_or.reduceat(words, at) if len(at) else np.empty(0, dtype=np.uint64)
