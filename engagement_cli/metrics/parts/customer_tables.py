"""What metric types over surveys and subscriptions share: rows under the metric's own filter, sums by segment."""

from __future__ import annotations

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import UserError
from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.decimals import decimals
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.segments import PROFILES

_INSTANTS = {"surveys": ("time",), "subscriptions": ("started", "ended", "trial_ends"), "audience": ("time",)}


def rows_of(bucket: Bucket, source: str, where: str | None) -> pl.DataFrame:
    """A source's rows that pass a metric's own `where:`.

    The predicate sees instants as wall-clock times of the report's zone and `mrr` as money. Raises `UserError` for one
    that does not fit the source's columns.
    """
    table = bucket.tables[source]
    if where is None:
        return table
    try:
        shown = _as_users_see_it(table, source, bucket.clock)
        kept = shown.with_columns(_kept=pl.sql_expr(where).fill_null(value=False))
        return table.filter(kept["_kept"])
    except PolarsError as error:
        reason = str(error).strip().splitlines()[0]
        what = "customer table" if source == PROFILES else f"{source} export"
        raise UserError(f"the SQL `{where}` does not fit the {what}: {reason}", where="where:") from None


def _as_users_see_it(table: pl.DataFrame, source: str, clock: Clock) -> pl.DataFrame:
    tps = clock.ticks_per_second
    shown: list[pl.Expr | pl.Series] = []
    for name in _INSTANTS.get(source, ()):
        if name in table.columns:
            ticks = pl.col(name)
            microseconds = ticks // tps * 1_000_000 + ticks % tps * 1_000_000 // tps
            local = microseconds.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(clock.zone_name)
            shown.append(local.dt.replace_time_zone(None).alias("timestamp" if name == "time" else name))
    if source == "subscriptions":
        shown.append(decimals(table["mrr"]))
    return table.with_columns(shown)


def products(x: Int64s, y: Int64s) -> pl.DataFrame:
    """The columns of `per_customer.MOMENTS` where each customer is one row; `n` counts those with any y."""
    big = pl.DataFrame({"x": x, "y": y}).with_columns(pl.all().cast(pl.Int128))
    return big.with_columns(
        xx=pl.col("x") * pl.col("x"),
        yy=pl.col("y") * pl.col("y"),
        xy=pl.col("x") * pl.col("y"),
        n=pl.col("y") != 0,
        rows=pl.lit(1),
    )
