"""Pairs as rows for people: how many began, how long they took, which are open, by segment and period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import LARGEST
from engagement_cli.kernels.decimals import over
from engagement_cli.kernels.intervals import clustered_ratio
from engagement_cli.metrics.parts.elapsed_pairs import known_until
from engagement_cli.metrics.parts.period_rows import added, by_period, floats, quotient, with_interval
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.quantiles import quantiles
from engagement_cli.timeline.state import StateTable

KEYS = list(SEGMENT_AND_PERIOD)
_RUNS = StateTable({**SEGMENT_AND_PERIOD, "ticks": pl.Int64}, {"count": "sum"})
_NO_PERIOD = -1
_COUNTS = ("pairs", "ended", "within", "open", "overdue")
QUANTILES = {"median_seconds": 0.5, "p90_seconds": 0.9}
# Each quotient with a customer-clustered interval: the sums above and below it.
QUOTIENTS = {
    "mean_seconds": ("ticks", "ended"),
    "within_share": ("within", "pairs"),
    "ended_share": ("ended", "pairs"),
}


def elapsed_rows(
    pairs: pl.DataFrame, orphans: pl.DataFrame, clock: Clock, every: Grain, placed: Literal["start", "end"], limit: int
) -> pl.DataFrame:
    """A row a segment and period from the pairs of all history (`segments`, `time`, `opener`, `ended`).

    A pair belongs to the period of its start or its end; `limit` is in ticks. `orphans` are ends without a start.
    """
    ticks = pl.col("ended") - pl.col("time")
    is_open = pl.col("ended").is_null()
    when = "time" if placed == "start" else "ended"
    inside = pairs.filter(pl.col(when).is_between(clock.since, clock.until, "left"))
    period = clock.periods(every).index(inside[when].to_numpy())
    inside = inside.with_columns(
        pl.Series("period", period, dtype=pl.Int32),
        pairs=pl.lit(1),
        ticks=ticks.fill_null(0),
        ended=(~is_open).cast(pl.Int64),
        within=(ticks <= limit).fill_null(value=False).cast(pl.Int64),
        open=is_open.cast(pl.Int64),
        overdue=(is_open & (clock.as_of - pl.col("time") > limit)).cast(pl.Int64),
    )
    # Every segment has its rows, also one whose pairs all began before the range: they may be open in it.
    segments = pairs.select("segments").unique().with_columns(period=pl.lit(_NO_PERIOD, pl.Int32))
    table = by_period(pl.concat([_sums(inside), segments], how="diagonal"), clock, every)
    ended = inside.filter(pl.col("ended") == 1)
    runs = _RUNS.of({**ended.select(*KEYS, "ticks").to_dict(), "count": 1})
    found = quantiles(runs, "ticks", "count", QUANTILES, KEYS)
    table = table.join(found, on=KEYS, how="left", maintain_order="left")
    table = added(table, *(over(table[name], clock.ticks_per_second) for name in QUANTILES))
    table = _with_quotients(table, clock.ticks_per_second)
    table = _with_stock(table, pairs, clock, every, limit)
    table = _with_orphans(table, orphans, clock, every)
    counts = pl.col(*_COUNTS, "customers").cast(pl.Int64)
    table = table.with_columns(counts, ended_customers=pl.col("openers_ended").cast(pl.Int64))
    return table.drop("ticks", "openers_pairs", "openers_ended", *(f"{a}_{b}" for a, b in _products()))


def _sums(inside: pl.DataFrame) -> pl.DataFrame:
    """By segment and period: sums over pairs, and over openers squares and products of these."""
    names = [*_COUNTS, "ticks"]
    each = inside.group_by(*KEYS, "opener").agg(pl.col(name).cast(pl.Int128).sum() for name in names)
    products = {f"{a}_{b}": (pl.col(a) * pl.col(b)).sum() for a, b in _products()}
    holders = {f"openers_{name}": (pl.col(name) > 0).cast(pl.Int128).sum() for name in ("pairs", "ended")}
    return each.group_by(KEYS).agg(pl.col(names).sum(), **products, **holders, customers=pl.len().cast(pl.Int128))


def _products() -> Sequence[tuple[str, str]]:
    found = [pair for above, below in QUOTIENTS.values() for pair in ((above, above), (below, below), (above, below))]
    return list(dict.fromkeys(found))


def _with_quotients(table: pl.DataFrame, ticks_per_second: int) -> pl.DataFrame:
    for name, (above, below) in QUOTIENTS.items():
        scale = ticks_per_second if above == "ticks" else 1
        columns = (above, below, f"{above}_{above}", f"{below}_{below}", f"{above}_{below}", f"openers_{below}")
        low, high = clustered_ratio(*floats(table, *columns))
        if above != "ticks":
            low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
        table = with_interval(table, (low / scale, high / scale), f"{name}_ci_low", f"{name}_ci_high")
        table = added(table, quotient(table, above, below, scale).alias(name))
    return added(table, over(table["ticks"], ticks_per_second).alias("seconds"))


def _with_stock(table: pl.DataFrame, pairs: pl.DataFrame, clock: Clock, every: Grain, limit: int) -> pl.DataFrame:
    """How many pairs were open, and open for longer than the limit, at each period's end."""
    bounds = np.minimum(clock.periods(every).bounds, known_until(clock))
    ends = pl.Series("_at", bounds[table["period"].to_numpy() + 1] - 1, dtype=pl.Int64)
    table = added(table, ends)
    late = pairs.filter(pl.col("time") < LARGEST - limit)
    late = late.with_columns(time=pl.col("time") + limit + 1)  # the instant from which it is overdue
    late = late.filter(pl.col("ended").is_null() | (pl.col("ended") >= pl.col("time")))
    for name, part in (("open_at_end", pairs), ("overdue_at_end", late)):
        moves = pl.concat(
            [
                part.select("segments", _at="time", **{name: pl.lit(1)}),
                part.filter(pl.col("ended").is_not_null()).select("segments", _at="ended", **{name: pl.lit(-1)}),
            ]
        ).sort("_at")
        level = moves.with_columns(pl.col(name).cum_sum().over("segments"))
        table = table.sort("_at").join_asof(
            level.sort("_at"), on="_at", by="segments", strategy="backward", check_sortedness=False
        )
    stock = pl.col("open_at_end", "overdue_at_end").fill_null(0).cast(pl.Int64)
    return table.with_columns(stock).drop("_at").sort(KEYS)


def _with_orphans(table: pl.DataFrame, orphans: pl.DataFrame, clock: Clock, every: Grain) -> pl.DataFrame:
    """Ends without a start, in the period in which they happen; which segment they belong to is unknown."""
    inside = orphans.filter(pl.col("time").is_between(clock.since, clock.until, "left"))
    period = pl.Series("period", clock.periods(every).index(inside["time"].to_numpy()), dtype=pl.Int32)
    counted = period.to_frame().group_by("period").agg(pl.len().cast(pl.Int64).alias("ends_without_start"))
    table = table.join(counted, on="period", how="left", maintain_order="left")
    everybody = pl.col("segments") == ""
    return table.with_columns(ends_without_start=pl.when(everybody).then(pl.col("ends_without_start").fill_null(0)))
