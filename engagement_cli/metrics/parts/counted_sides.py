"""Both sides of a ratio that count customers' events, or the customers who have any, read off one table of counts."""

from __future__ import annotations

import numpy as np

from engagement_cli.kernels.arrays import LARGEST
from engagement_cli.metrics.parts.per_customer import ROOM, moments_in_cells
from engagement_cli.native.counts import MOST_ROWS, Column, Counts, counts
from engagement_cli.settings.metric import Aggregate
from engagement_cli.settings.values import Grain, Selection
from engagement_cli.timeline.breakdown import Grouping
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells

_MANY = 8  # a side of so large a part of all rows is worth counting them all
Counting = tuple[Aggregate, Selection]  # and the rows that it reads


def moments_of_counts(
    bucket: Bucket, x: Counting, y: Counting, every: Grain, grouping: Grouping, cap: int | None
) -> Cells | None:
    """The state `MOMENTS` of two such sides, of which a customer's x counts at most `cap` in a period.

    None where a side is another, takes rows of nobody, or is divided by events; and where few rows are counted.
    """
    if grouping.of_events or not (_is_count(bucket, *x) and _is_count(bucket, *y)):
        return None
    table = _table(bucket, (x[1], y[1]), every)
    if table is None:
        return None
    labels = bucket.shared(
        ("labels of counts", every, tuple(each.column.name for each in grouping.columns)),
        lambda: grouping.labels(grouping.customers_in(table.customer, bucket.clock.periods(every), table.period)),
    )
    groups = len(labels.texts)
    if groups * table.periods > ROOM + len(table.period):
        return None
    of_x, of_y = (_column(bucket, table, selection, every) for _, selection in (x, y))
    most_x, most_y = (1 if side.count == "customers" else LARGEST for side, _ in (x, y))
    group = labels.codes if groups > 1 else None
    sums = table.moments(of_x, of_y, most_x if cap is None else min(most_x, cap), most_y, group, groups)
    cells = sums[:, -1].nonzero()[0]
    return moments_in_cells(cells, labels.texts, table.first, table.periods, np.ascontiguousarray(sums[cells, :-1].T))


def _is_count(bucket: Bucket, side: Aggregate, selection: Selection) -> bool:
    if side.source != "events":
        return False
    if side.count == "customers":
        return True
    return side.count in ("rows", "events") and not bucket.of_nobody(selection)


def _table(bucket: Bucket, selections: tuple[Selection, ...], every: Grain) -> Counts | None:
    """The rows in range counted by customer, period and kind; None where the selections take few of them."""
    rows = bucket.in_range(bucket.rows)
    if not len(rows) or len(rows) > MOST_ROWS:
        return None
    key = "counts", every
    if not bucket.has_shared(key):
        masks = [bucket.mask(selection)[: len(rows.kind_counts)] for selection in selections]
        if max(int(rows.kind_counts @ mask) for mask in masks) * _MANY < len(rows):
            return None
    return bucket.shared(key, lambda: counts(rows.customer, bucket.period(rows, every), rows.kind, rows.kind_counts))


def _column(bucket: Bucket, table: Counts, selection: Selection, every: Grain) -> Column:
    """Selections of the same kinds share theirs."""
    mask = bucket.mask(selection)
    return bucket.shared(("counted", every, mask.tobytes()), lambda: table.column(mask))
