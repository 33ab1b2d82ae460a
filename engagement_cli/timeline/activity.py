"""Who did what in which period: the distinct (customer, period) pairs of every selection, in one pass over the rows.

Every selection of the report has one bit. The bits of a customer's rows in a day are or-ed once; weeks, months and all
other grains of days are or-ed from the customer-days, which are far fewer than rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engagement_cli.kernels.runs import starts
from engagement_cli.native.activity import Marked, mark
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import EVERYBODY, Codes, Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.rows import Rows
from engagement_cli.timeline.selected import BITS

DAY = Grain("day")


class Pairs(Record):
    """Distinct (customer, period, group) triples, sorted by customer and period."""

    customer: NDArray[np.uint32]
    period: NDArray[np.int32]
    group: Codes


def pairs(
    bucket: Bucket, grain: Grain, selection: Selection, grouping: Grouping = EVERYBODY, *, history: bool = False
) -> Pairs:
    """Who had a selected row in which period of `[since, until)`; with `history`, also before `since`.

    The group is the event's, or the customer's at the period's start.
    """
    if grouping.of_events or selection not in bucket.selected.places:
        return _pairs_of_rows(bucket, grain, selection, grouping, history=history)
    customer, period = _pairs_of_everybody(bucket, grain, selection, history=history)
    return Pairs(customer, period, grouping.customers_in(customer, bucket.clock.periods(grain), period))


def _pairs_of_everybody(
    bucket: Bucket, grain: Grain, selection: Selection, *, history: bool
) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Selections of the same kinds share them."""

    def make() -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
        word, bit = divmod(bucket.selected.places[selection], BITS)
        found = _marked(bucket, grain, history=history)[word].chosen(bit)
        for column in found:
            column.flags.writeable = False
        return found

    kinds = bucket.mask(selection).tobytes()
    return bucket.shared(("pairs", grain, kinds, _beyond(bucket, history=history)), make)


def _read(bucket: Bucket, *, history: bool) -> Rows:
    """The rows in range or, with `history`, all before `until`; the very same object where that is all of them."""
    rows, clock = bucket.rows, bucket.clock
    if not history:
        return bucket.in_range(rows)
    return rows if clock.until > clock.last else bucket.shared("history", lambda: rows.take(rows.time < clock.until))


def _pairs_of_rows(bucket: Bucket, grain: Grain, selection: Selection, grouping: Grouping, *, history: bool) -> Pairs:
    rows = bucket.select(_read(bucket, history=history), selection)
    period = bucket.period(rows, grain)
    group = grouping.rows_in(rows, bucket.clock.periods(grain), period)
    order = np.lexsort((group, period, rows.customer)) if grouping.of_events else slice(None)
    customer, period, group = rows.customer[order], period[order], group[order]
    changed = starts(customer, period, group) if grouping.of_events else starts(customer, period)
    return Pairs(customer[changed], period[changed], group[changed])


def _beyond(bucket: Bucket, *, history: bool) -> bool:
    """Whether there are rows before the range, and they are asked for."""
    return history and bucket.in_range(bucket.rows) is not _read(bucket, history=True)


def _marked(bucket: Bucket, grain: Grain, *, history: bool) -> tuple[Marked, ...]:
    """The pairs with the bits of 64 selections each."""
    return bucket.shared(
        ("marked", grain, _beyond(bucket, history=history)),
        lambda: (
            _of_rows(bucket, grain, history=history)
            if grain.unit == "hour" or grain == DAY
            else _of_days(bucket, grain, history=history)
        ),
    )


def _of_rows(bucket: Bucket, grain: Grain, *, history: bool) -> tuple[Marked, ...]:
    rows = _read(bucket, history=history)
    period = bucket.period(rows, grain)
    return tuple(mark(rows.customer, period, rows.kind, bits) for bits in bucket.selected.bits)


def _of_days(bucket: Bucket, grain: Grain, *, history: bool) -> tuple[Marked, ...]:
    clock = bucket.clock
    wider = np.zeros(len(clock.periods(DAY)), np.int32) if grain.unit == "total" else clock.of_days(grain)
    return tuple(marked.coarser(wider) for marked in _marked(bucket, DAY, history=history))
