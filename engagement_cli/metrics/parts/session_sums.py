"""What sessions add up to, customer by customer: sums, squares and products for ratios with an interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import each_from_words
from engagement_cli.kernels.dense import renumber
from engagement_cli.metrics.parts.grid import ViewColumn
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.native.sessions import COLUMNS, session_sums
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.state import Column, StateTable

WHOLE_RANGE = -1  # the period of the totals: a customer counts once in it, so that it is no sum of periods

SUMS = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys(COLUMNS, "sum"))
DURATIONS = StateTable({**SEGMENT_AND_PERIOD, "value": pl.Int64}, {"count": "sum"})


def sums_of_sessions(
    grouping: Grouping,
    customer: NDArray[np.uint32],
    period: NDArray[np.int32],
    group: Codes,
    ticks: NDArray[np.int64],
    events: NDArray[np.int64],
) -> Cells:
    """The state `SUMS` of sessions by period, and of the whole range; one value a session.

    Whose it is, when, in which group, how long, of how many events.
    """
    if not len(customer):
        return SUMS.empty()
    if grouping.of_events:  # else sessions lie in the order of customer and period, which tell the group
        order = np.lexsort((group, period, customer))
        by_period = _summed(customer[order], period[order], group[order], ticks[order], events[order])
        order = np.lexsort((group, customer))
        in_all = _summed(customer[order], None, group[order], ticks[order], events[order])
    else:
        by_period = _summed(customer, period, group, ticks, events)
        in_all = _summed(customer, None, group, ticks, events)
    of_period, of_group, low, high = (np.concatenate(both, axis=-1) for both in zip(by_period, in_all, strict=True))
    keys: dict[str, Column] = {"segments": grouping.labels(of_group), "period": of_period}
    sums = each_from_words(low, high.view(np.int64))
    return SUMS.of({**keys, **dict(zip(COLUMNS, sums, strict=True))})


def _summed(
    customer: NDArray[np.uint32],
    period: NDArray[np.int32] | None,
    group: Codes,
    ticks: NDArray[np.int64],
    events: NDArray[np.int64],
) -> tuple[NDArray[np.int64], Codes, NDArray[np.uint64], NDArray[np.uint64]]:
    """Periods and groups that have any sessions, and the two halves of their sums; None: the whole range is one."""
    groups, cell, _ = renumber(group) if group.any() else (group[:1], group, group)
    earliest, periods = WHOLE_RANGE, 1
    if period is not None:
        earliest = int(period.min())
        periods = int(period.max()) - earliest + 1
        cell = cell * periods + (period - earliest)
    cells = np.arange(len(groups) * periods)
    if len(cells) > len(cell):  # more of them than sessions: only those that have any
        cells, cell, _ = renumber(cell)
    low, high = session_sums(customer, cell, ticks, events, len(cells))
    some = np.flatnonzero(low[0])
    of_group, of_period = np.divmod(cells[some], periods)
    return of_period + earliest, groups[of_group], low[:, some], high[:, some]


def durations(labels: Labels, period: NDArray[np.int32], ticks: NDArray[np.int64]) -> Cells:
    """The state `DURATIONS`: every length, in ticks, with how many sessions have it."""
    return DURATIONS.of({"segments": labels, "period": period, "value": ticks, "count": 1})


def without_seconds(columns: Mapping[str, ViewColumn]) -> dict[str, ViewColumn]:
    """Columns of which those of seconds say nothing: dates alone have none."""
    return {
        name: np.full(len(column), np.nan) if "seconds" in name.split("_") else column
        for name, column in columns.items()
    }
