"""What sessions add up to, customer by customer: sums, squares and products for ratios with an interval."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.products import sums_of_products
from engagement_cli.kernels.runs import lengths, starts
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.timeline.breakdown import Codes, Grouping
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.state import StateTable

WHOLE_RANGE = -1  # the period of the totals: a customer counts once in it, so that it is no sum of periods

_PLAIN = ("sessions", "ticks", "events", "single")
SUMS = StateTable(
    SEGMENT_AND_PERIOD,
    {
        "customers": "sum",
        **dict.fromkeys(_PLAIN, "sum"),
        **{f"{name}_{name}": "sum" for name in _PLAIN},
        **{f"{name}_sessions": "sum" for name in _PLAIN},
    },
)
DURATIONS = StateTable({**SEGMENT_AND_PERIOD, "value": pl.Int64}, {"count": "sum"})


def session_sums(
    grouping: Grouping,
    customer: NDArray[np.int64],
    period: NDArray[np.int32],
    group: Codes,
    ticks: NDArray[np.int64],
    events: NDArray[np.int64],
) -> pl.DataFrame:
    """The state `SUMS` of sessions, one value a session: whose, when, in which group, how long, of how many events."""
    if not len(customer):
        return SUMS.empty()
    if grouping.of_events:  # else sessions lie in the order of customer and period, which tell the group
        order = np.lexsort((group, period, customer))
        customer, period, group = customer[order], period[order], group[order]
        ticks, events = ticks[order], events[order]
    at = starts(customer, period, group)
    each = {
        "sessions": lengths(at, len(customer)),
        "ticks": np.add.reduceat(ticks, at),
        "events": np.add.reduceat(events, at),
        "single": np.add.reduceat((events == 1).astype(np.int64), at),
    }
    period, group = period[at], group[at]
    cell = np.lexsort((period, group))
    begins = starts(group[cell], period[cell])
    first, ones = cell[begins], np.ones(len(at), np.int64)
    sums = {"customers": pl.Series(lengths(begins, len(cell)))}
    for name, values in each.items():
        sums[name] = sums_of_products(cell, begins, values, ones)
        sums[f"{name}_{name}"] = sums_of_products(cell, begins, values, values)
        sums[f"{name}_sessions"] = sums_of_products(cell, begins, values, each["sessions"])
    keys = {"segments": grouping.labels(group[first]).series(), "period": pl.Series(period[first])}
    return pl.DataFrame(
        [found.alias(name).cast(SUMS.schema()[name]) for name, found in ({**keys, **sums}).items()]
    ).select(list(SUMS.schema()))


def durations(labels: Labels, period: NDArray[np.int32], ticks: NDArray[np.int64]) -> pl.DataFrame:
    """The state `DURATIONS`: every length, in ticks, with how many sessions have it."""
    return DURATIONS.of({"segments": labels, "period": period, "value": ticks, "count": 1})
