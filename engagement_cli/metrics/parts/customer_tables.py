"""What metric types over surveys and subscriptions share: rows under the metric's own filter, sums by segment."""

from __future__ import annotations

import polars as pl
from polars.exceptions import PolarsError

from engagement_cli.errors import UserError
from engagement_cli.kernels.decimals import decimals
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.segments import PROFILES

_INSTANTS = {"surveys": ("time",), "subscriptions": ("started", "ended", "trial_ends"), "audience": ("time",)}
_FITS = "\x1ffits"  # no column of an export can be called so
_NAMES = {("surveys", "time"): "timestamp", ("audience", "time"): "date"}


def rows_of(bucket: Bucket, source: str, where: str | None) -> pl.DataFrame:
    """A source's rows that pass a metric's own `where:`.

    The predicate sees instants as wall-clock times of the report's zone and `mrr` as money. Raises `UserError` for one
    that does not fit the source's columns.
    """
    return passing(bucket.tables[source], source, where, bucket.clock)


def passing(table: pl.DataFrame, source: str, where: str | None, clock: Clock) -> pl.DataFrame:
    """The rows of a source's table that pass a predicate, as `rows_of` has them."""
    if where is None:
        return table
    seen, predicate = as_users_see_it(table, source, clock), pl.sql_expr(where)
    try:
        fits = seen.with_columns(predicate.alias(_FITS))[_FITS]
    except PolarsError as error:
        reason = str(error).strip().splitlines()[0]
        dates = any(seen.schema[name].is_temporal() for name in predicate.meta.root_names() if name in seen.columns)
        raise UserError(
            f"the SQL `{where}` does not fit the {in_words(source)}: {reason}",
            where="where:",
            hint="write dates as DATE '2025-06-30'" if dates else None,
        ) from None
    if fits.dtype not in (pl.Boolean, pl.Null):
        raise UserError(f"the SQL `{where}` is no condition: it gives {fits.dtype}, not yes or no", where="where:")
    if fits.dtype != pl.Boolean or fits.null_count():
        fits = fits.cast(pl.Boolean).fill_null(value=False)
    return table.filter(fits)


def in_words(source: str) -> str:
    """A source as messages name it."""
    return "customer table" if source == PROFILES else f"{source} export"


def names_users_see(table: pl.DataFrame, source: str) -> list[str]:
    """The columns that `as_users_see_it` gives."""
    instants = [name for name in _INSTANTS.get(source, ()) if name in table.columns]
    return [*dict.fromkeys([*table.columns, *(_NAMES.get((source, name), name) for name in instants)])]


def as_users_see_it(table: pl.DataFrame, source: str, clock: Clock) -> pl.DataFrame:
    """A source's table with instants as wall-clock times of the report's zone under their names, `mrr` as money, codes
    as texts."""
    tps = clock.ticks_per_second
    shown: list[pl.Expr | pl.Series] = [pl.col(pl.Enum).cast(pl.String)]
    for name in _INSTANTS.get(source, ()):
        if name in table.columns:
            ticks = pl.col(name)
            microseconds = ticks // tps * 1_000_000 + ticks % tps * 1_000_000 // tps
            local = microseconds.cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(clock.zone_name)
            shown.append(local.dt.replace_time_zone(None).alias(_NAMES.get((source, name), name)))
    if source == "subscriptions":
        shown.append(decimals(table["mrr"]))
    return table.with_columns(shown)
