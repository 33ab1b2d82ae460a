"""What sessions add up to, customer by customer: sums, squares and products for ratios with an interval."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
    rows = pl.LazyFrame({"group": group, "period": period, "customer": customer, "ticks": ticks, "events": events})
    wide = [pl.col(name).cast(pl.Int128).sum() for name in ("ticks", "events")]
    ones = [pl.len().cast(pl.Int128).alias("sessions"), (pl.col("events") == 1).cast(pl.Int128).sum().alias("single")]
    each = rows.group_by("group", "period", "customer").agg(*wide, *ones)
    squares = [(pl.col(name) * pl.col(name)).sum().alias(f"{name}_{name}") for name in _PLAIN]
    products = [(pl.col(name) * pl.col("sessions")).sum().alias(f"{name}_sessions") for name in _PLAIN[1:]]
    sums = [pl.len().alias("customers"), *(pl.col(name).sum() for name in _PLAIN)]
    whole = each.group_by("group", "period").agg(*sums, *squares, *products).collect()
    return SUMS.merge([whole.with_columns(segments=grouping.labels(whole["group"].to_numpy()).series())])


def durations(labels: Labels, period: NDArray[np.int32], ticks: NDArray[np.int64]) -> pl.DataFrame:
    """The state `DURATIONS`: every length, in ticks, with how many sessions have it."""
    return DURATIONS.of({"segments": labels, "period": period, "value": ticks, "count": 1})
