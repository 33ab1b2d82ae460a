"""How many events there are in each period, whoever's they are."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.native.rows import tally
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.rows import Rows

_ROOM = 1 << 16  # cells of kinds and periods


def rows_by_period(bucket: Bucket, selection: Selection, every: Grain) -> Int64s:
    """How many selected rows there are in each period of the clock; counted for all kinds of rows at once."""
    mask, periods = bucket.mask(selection), len(bucket.clock.periods(every))
    of_all = [bucket.in_range(rows) for rows in (bucket.rows, bucket.anonymous) if len(rows)]
    if len(mask) * periods <= _ROOM + len(bucket.rows):
        counts = bucket.shared(("rows by kind", every), lambda: _by_kind(bucket, of_all, every))
        return np.asarray(counts[mask].sum(axis=0), np.int64)
    chosen = [bucket.period(rows.of_kinds(mask), every) for rows in of_all]
    return sum((np.bincount(period, minlength=periods) for period in chosen), np.zeros(periods, np.int64))


def _by_kind(bucket: Bucket, of_all: list[Rows], every: Grain) -> Int64s:
    counts = np.zeros((len(bucket.kinds), len(bucket.clock.periods(every))), np.int64)
    for rows in of_all:
        tally(rows.kind, bucket.period(rows, every), counts)
    return counts
