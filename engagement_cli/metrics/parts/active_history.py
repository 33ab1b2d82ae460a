"""Who was active in which interval of the range, and who before it: what lifecycle compares."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.runs import starts
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.activity import Pairs, pairs
from engagement_cli.timeline.breakdown import EVERYBODY, Grouping
from engagement_cli.timeline.bucket import Bucket

BEFORE = -1  # the interval just before the range's first
EARLIER = -2


def active_history(bucket: Bucket, grain: Grain, selection: Selection, grouping: Grouping = EVERYBODY) -> Pairs:
    """Distinct (customer, period, group) of the selected rows before `until`, sorted.

    Periods count from the range's first (0). Rows before `since` are all in `BEFORE`, the interval just before, or in
    `EARLIER`: also those of the interval that `since` cuts, which are no activity of the range.
    """
    clock = bucket.clock
    table = clock.periods(grain)
    opening = clock.shown(table).start
    inside = pairs(bucket, grain, selection, grouping)
    within = inside.period - np.int32(opening)
    if clock.since <= clock.first:
        return Pairs(inside.customer, within, inside.group)
    rows = bucket.select(bucket.rows, selection)
    rows = rows.take(rows.time < clock.since)
    index = bucket.period(rows, grain)
    past = np.where(index == opening - 1, np.int32(BEFORE), np.int32(EARLIER))
    group = grouping.rows_in(rows, table, index)
    customer = np.concatenate([rows.customer, inside.customer])
    period, groups = np.concatenate([past, within]), np.concatenate([group, inside.group])
    order = np.lexsort((groups, period, customer))
    customer, period, groups = customer[order], period[order], groups[order]
    at = starts(customer, period, groups)
    return Pairs(customer[at], period[at], groups[at])
