"""Who leaves a funnel as rows for people: everybody, then the values of properties, what is surest to differ first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.intervals import Floats, newcombe, wilson
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.parts.funnel_rows import elapsed
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.parts.period_rows import PeriodRows, by_period, flags, interval, quotient
from engagement_cli.records import Record
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.numbering import Numbered, named

EVERYBODY = ""  # the property, and the value, of all who enter


class _Entries(Record):
    """Those who enter, in a row of the grid each: all of them, then those of a property's value beside the others."""

    row: Int64s
    of: Numbered
    value: Numbered
    customers: Int64s
    abandoned: Int64s
    open: Int64s
    others: Int64s
    others_left: Int64s

    def take(self, rows: Int64s) -> _Entries:
        """Some entries."""
        of, value = (Numbered(each.numbers[rows], each.texts) for each in (self.of, self.value))
        counts = (self.customers, self.abandoned, self.open, self.others, self.others_left)
        return _Entries(self.row[rows], of, value, *(count[rows] for count in counts))


def abandonment_rows(groups: Cells, clock: Clock, every: Grain, window: int, top: int | None) -> pl.DataFrame:
    """A row a segment and period of everybody, and behind it one a property and value, at most `top` of these.

    `groups` is keyed by segment, period, property and value; `window` is in ticks.
    """
    of_all = np.array([text == EVERYBODY for text in groups.texts[2] or ()], np.bool_)[groups.numbers("property")]
    everybody = by_period(groups.take(np.flatnonzero(of_all)), clock, every)
    found = _ranked(_entries(everybody, groups.take(np.flatnonzero(~of_all))), top)
    grid = everybody.grid.take(found.row)
    difference, *ends = _difference(found)
    names, values = (each.texts or () for each in (found.of, found.value))
    pairs = zip(found.of.numbers.tolist(), found.value.numbers.tolist(), strict=True)
    columns: dict[str, ViewColumn] = {
        "property": named(names, found.of.numbers),
        "value": named(values, found.value.numbers),
        "group": pl.Series([f"{names[a]}={values[b]}" if names[a] else None for a, b in pairs], dtype=pl.String),
        "customers": found.customers,
        "abandonment": quotient(found.abandoned, found.customers),
        **interval(wilson(found.abandoned.astype(np.float64), found.customers.astype(np.float64))),
        "difference": difference,
        **interval((ends[0], ends[1]), "difference_ci_low", "difference_ci_high"),
        "others_rate": quotient(found.others_left, found.others),
        "abandoned": found.abandoned,
        "open": found.open,
        "complete": elapsed(grid, clock, every, window),
        "flags": flags(grid, found.customers, {"provisional": found.open > 0}),
    }
    return grid.table(columns)


def _entries(everybody: PeriodRows, groups: Cells) -> _Entries:
    """Everybody of each row of the grid, and the groups that lie in any; of everybody there are no others."""
    row = everybody.grid.rows(groups)
    groups, row = groups.take(np.flatnonzero(row >= 0)), row[row >= 0]
    entered, left = everybody.whole("customers"), everybody.whole("abandoned")

    def both(whole: Int64s, each: Int64s) -> Int64s:
        return np.concatenate([whole, each])

    none = np.zeros(len(everybody.grid), np.int64)
    of, value = (
        Numbered(both(none, groups.whole(name) + 1), (EVERYBODY, *(texts or ())))
        for name, texts in zip(("property", "value"), groups.texts[2:], strict=True)
    )
    return _Entries(
        both(np.arange(len(none)), row),
        of,
        value,
        both(entered, groups.whole("customers")),
        both(left, groups.whole("abandoned")),
        both(everybody.whole("open"), groups.whole("open")),
        both(none, entered[row] - groups.whole("customers")),
        both(none, left[row] - groups.whole("abandoned")),
    )


def _difference(found: _Entries) -> Sequence[Floats]:
    """By how many points those of a value leave more often than the others, and the interval."""
    sides = (found.abandoned, found.customers, found.others_left, found.others)
    return [100 * part for part in newcombe(*(side.astype(np.float64) for side in sides))]


def _ranked(found: _Entries, top: int | None) -> _Entries:
    """Everybody first, then the values of which the difference is surest; at most `top` a segment and period."""
    difference, low, high = _difference(found)
    sure = np.nan_to_num(np.maximum(np.maximum(low, -high), 0.0))
    size = np.nan_to_num(np.abs(difference))
    keys = (found.value.numbers, found.of.numbers, -size, -sure, found.of.numbers > 0, found.row)
    found = found.take(np.lexsort(keys))
    if top is None:
        return found
    first = starts(found.row)
    rank = np.arange(len(found.row)) - np.repeat(first, lengths(first, len(found.row)))
    return found.take(np.flatnonzero(rank <= top))
