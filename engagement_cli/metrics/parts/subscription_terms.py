"""Terms of subscriptions: when a week, month, quarter or year paid for ends, on the report's local calendar."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.billing import term_of
from engagement_cli.kernels.runs import expand
from engagement_cli.metrics.parts.subscription_spans import paid_from
from engagement_cli.timeline.bucket import CODE
from engagement_cli.timeline.clock import Clock

_STEPS: Mapping[str, tuple[int, str]] = {"week": (7, "d"), "month": (1, "mo"), "quarter": (3, "mo"), "year": (12, "mo")}
_LEAST_DAYS = {"week": 7, "month": 28, "quarter": 89, "year": 365}
_MOST_DAYS = {"week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True)
class Terms:
    """Ends of terms: whose, and when (ticks)."""

    customer: Int64s
    ends: Int64s


def terms_between(table: pl.DataFrame, clock: Clock, first: int, last: int, default: str | None) -> Terms:
    """The terms that end in `[first, last)` on rows that run until then.

    A term ends on the 1st, 2nd, … anniversary of the day the row is paid from, at the same local time; the 31st falls
    on the last day of shorter months. `default` is the term of rows whose `billing` says none.
    """
    rows = (
        table.filter(pl.col(CODE).is_not_null())
        .select(
            customer=pl.col(CODE).cast(pl.Int64),
            anchor=paid_from(),
            ended=pl.col("ended").fill_null(np.iinfo(np.int64).max),
            term=_term(default),
        )
        .filter(pl.col("term").is_not_null() & (pl.col("anchor") < last) & (pl.col("ended") >= first))
    )
    terms = set(rows["term"].unique().to_list())
    parts = [
        _of_term(rows.filter(pl.col("term") == term), term, clock, first, last) for term in _STEPS if term in terms
    ]
    if not parts:
        return Terms(np.zeros(0, np.int64), np.zeros(0, np.int64))
    found = pl.concat(parts)
    return Terms(found["customer"].to_numpy(), found["ends"].to_numpy())


def _term(default: str | None) -> pl.Expr:
    said = term_of(pl.col("billing"))
    return pl.when(pl.col("billing").is_null()).then(pl.lit(default, pl.String)).otherwise(said)


def _of_term(rows: pl.DataFrame, term: str, clock: Clock, first: int, last: int) -> pl.DataFrame:
    """Guess which anniversaries can fall into the range, work these out on the calendar, keep those that do."""
    anchor = rows["anchor"].to_numpy()
    end = np.minimum(rows["ended"].to_numpy(), last)
    low = np.maximum((first - anchor) // (_MOST_DAYS[term] * clock.day) - 1, 1)
    high = (end - anchor) // (_LEAST_DAYS[term] * clock.day) + 1
    count = np.maximum(high - low + 1, 0)
    row = np.repeat(np.arange(len(anchor)), count)
    units, of = _STEPS[term]
    steps = expand(low, count) * units
    due = rows.select("customer", "anchor", "ended")[row].with_columns(step=pl.Series(steps, dtype=pl.Int64))
    due = due.with_columns(ends=_moved("anchor", "step", of, clock))
    inside = pl.col("ends").is_between(first, last, "left") & (pl.col("ends") <= pl.col("ended"))
    return due.filter(inside).select("customer", "ends")


def _moved(time: str, steps: str, unit: str, clock: Clock) -> pl.Expr:
    """Ticks moved by calendar steps at the same local time; a time that the clocks skip is as long past the gap."""
    tps, zone = clock.ticks_per_second, clock.zone_name
    seconds = (pl.col(time) // tps * 1_000_000).cast(pl.Datetime("us", "UTC"))
    local = seconds.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    moved = local.dt.offset_by(pl.format("{}" + unit, pl.col(steps)))

    def instant(naive: pl.Expr) -> pl.Expr:
        return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.epoch("s")

    day_and_hour = pl.duration(hours=25)  # before any gap, also one of a whole day
    found = pl.coalesce(instant(moved), instant(moved - day_and_hour) + 25 * 3600)
    return found * tps + pl.col(time) % tps
