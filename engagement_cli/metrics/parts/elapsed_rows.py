"""Pairs as rows for people: how many began, how long they took, which are open, by segment and period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s, Integers
from engagement_cli.kernels.cells import order_of_packed
from engagement_cli.kernels.decimals import over
from engagement_cli.kernels.intervals import clustered_ratio
from engagement_cli.kernels.layout import Layout
from engagement_cli.metrics.parts.elapsed_pairs import Pairs
from engagement_cli.metrics.parts.elapsed_stock import with_stock
from engagement_cli.metrics.parts.per_customer import moments
from engagement_cli.metrics.parts.period_rows import added, by_period, floats, quotient, with_interval
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.native.hashes import numbered
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.quantiles import quantiles
from engagement_cli.timeline.state import StateTable

KEYS = list(SEGMENT_AND_PERIOD)
_RUNS = StateTable({**SEGMENT_AND_PERIOD, "ticks": pl.Int64}, {"count": "sum"})
_NO_PERIOD = -1
_COUNTS = ("pairs", "ended", "within", "open", "overdue")
_SUMS = StateTable(SEGMENT_AND_PERIOD, dict.fromkeys((*_COUNTS, "ticks"), "sum"))
_OF_OPENERS = ("xx", "yy", "xy", "n")  # of each quotient: squares, the product, and how many have any below
QUANTILES = {"median_seconds": 0.5, "p90_seconds": 0.9}
# Each quotient with a customer-clustered interval: the sums above and below it.
QUOTIENTS = {
    "mean_seconds": ("ticks", "ended"),
    "within_share": ("within", "pairs"),
    "ended_share": ("ended", "pairs"),
}


def elapsed_rows(
    pairs: Pairs, orphans: Int64s, clock: Clock, every: Grain, placed: Literal["start", "end"], limit: int
) -> pl.DataFrame:
    """A row a segment and period from the pairs of all history.

    A pair belongs to the period of its start or its end; `limit` is in ticks. `orphans` are ends without a start.
    """
    when = pairs.time if placed == "start" else pairs.ended
    inside = (when >= clock.since) & (when < clock.until)
    if placed == "end":
        inside &= ~pairs.is_open
    table = by_period(_sums(pairs, inside, when, clock, every, limit), clock, every)
    table = _with_quantiles(table, pairs.take(inside), when[inside], clock, every)
    table = _with_quotients(table, clock.ticks_per_second)
    table = with_stock(table, pairs, clock, every, limit)
    table = _with_orphans(table, orphans, clock, every)
    customers, ended = (pl.col(f"{name}_n").cast(pl.Int64) for name in ("within_share", "mean_seconds"))
    table = table.with_columns(pl.col(*_COUNTS).cast(pl.Int64), customers=customers, ended_customers=ended)
    return table.drop("ticks", *(f"{name}_{column}" for name in QUOTIENTS for column in _OF_OPENERS))


def _sums(pairs: Pairs, inside: Flags, when: Int64s, clock: Clock, every: Grain, limit: int) -> pl.DataFrame:
    """By segment and period: sums over pairs, and over openers squares and products of these."""
    found, period = pairs.take(inside), clock.periods(every).index(when[inside])
    _, _, opener = numbered(found.opener)
    order = _order([opener, period, found.segments.codes])
    found, period, opener = found.take(order), period[order], opener[order]
    ticks, open_ = np.where(found.is_open, 0, found.ended - found.time), found.is_open
    columns: dict[str, Flags | Int64s] = {
        "pairs": np.ones(len(period), np.bool_),
        "ended": ~open_,
        "within": ~open_ & (ticks <= limit),
        "open": open_,
        "overdue": open_ & (clock.as_of - found.time > limit),
        "ticks": ticks,
    }
    sums = _SUMS.of({"segments": found.segments, "period": period, **columns}).frame()
    for name, sides in QUOTIENTS.items():
        above, below = (columns[side].astype(np.int64) for side in sides)
        of_openers = moments(opener, period, found.segments, above, below).frame(_OF_OPENERS)
        sums = sums.hstack(of_openers.select(pl.all().name.prefix(f"{name}_")).get_columns())
    # Every segment has its rows, also one whose pairs all began before the range: they may be open in it.
    segments = pl.DataFrame({"segments": pairs.segments.series().unique()})
    return pl.concat([sums, segments.with_columns(period=pl.lit(_NO_PERIOD, pl.Int32))], how="diagonal")


def _order(keys: Sequence[Integers]) -> NDArray[np.integer[Any]]:
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    return order_of_packed(Layout.of(keys).packed(keys, len(keys[0])))


def _with_quantiles(table: pl.DataFrame, inside: Pairs, when: Int64s, clock: Clock, every: Grain) -> pl.DataFrame:
    """The quantiles of the seconds of those that have ended."""
    ended = ~inside.is_open
    runs = _RUNS.of(
        {
            "segments": inside.segments.take(ended),
            "period": clock.periods(every).index(when[ended]),
            "ticks": inside.ended[ended] - inside.time[ended],
            "count": 1,
        }
    )
    found = quantiles(runs, "ticks", "count", QUANTILES, KEYS)
    table = table.join(found, on=KEYS, how="left", maintain_order="left")
    return added(table, *(over(table[name], clock.ticks_per_second) for name in QUANTILES))


def _with_quotients(table: pl.DataFrame, ticks_per_second: int) -> pl.DataFrame:
    for name, (above, below) in QUOTIENTS.items():
        scale = ticks_per_second if above == "ticks" else 1
        low, high = clustered_ratio(*floats(table, above, below, *(f"{name}_{c}" for c in _OF_OPENERS)))
        if above != "ticks":
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        table = with_interval(table, (low / scale, high / scale), f"{name}_ci_low", f"{name}_ci_high")
        table = added(table, quotient(table, above, below, scale).alias(name))
    return added(table, over(table["ticks"], ticks_per_second).alias("seconds"))


def _with_orphans(table: pl.DataFrame, orphans: Int64s, clock: Clock, every: Grain) -> pl.DataFrame:
    """Ends without a start, in the period in which they happen; which segment they belong to is unknown."""
    periods = clock.periods(every)
    inside = orphans[(orphans >= clock.since) & (orphans < clock.until)]
    counts = np.bincount(periods.index(inside), minlength=len(periods))
    found = pl.Series("ends_without_start", counts[table["period"].to_numpy()], dtype=pl.Int64)
    return table.with_columns(ends_without_start=pl.when(pl.col("segments") == "").then(found))
