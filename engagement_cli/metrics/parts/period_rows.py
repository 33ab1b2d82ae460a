"""From states keyed by segment and period to rows for people: every period of the range, its bounds, is it complete."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.kernels.intervals import Floats
from engagement_cli.results import SMALL_N
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock

COMMON_FLAGS = ("small_n", "unreliable")
_FLAGS = ("", *COMMON_FLAGS, ";".join(COMMON_FLAGS))
_KEPT = 50  # segments: the periods of more are many rows, and made anew for each metric


def period_table(clock: Clock, grain: Grain) -> pl.DataFrame:
    """The periods in range: `period` (index), `period_start`, `period_end` (ISO text), `complete`, `reliable`."""
    return clock.shared(("period table", grain), lambda: _periods(clock, grain))


def _periods(clock: Clock, grain: Grain) -> pl.DataFrame:
    table = clock.periods(grain)
    shown = clock.shown(table)
    starts, ends = table.bounds[shown.start : shown.stop], table.bounds[shown.start + 1 : shown.stop + 1]
    missing = np.array([clock.instant(day) for day in clock.unreliable], dtype=np.int64)
    gaps = np.searchsorted(missing, ends) - np.searchsorted(missing, starts)
    return pl.DataFrame(
        {
            "period": np.arange(shown.start, shown.stop, dtype=np.int32),
            "period_start": pl.Series([_text(clock, t, grain) for t in starts.tolist()], dtype=pl.String),
            "period_end": pl.Series([_text(clock, t, grain) for t in ends.tolist()], dtype=pl.String),
            "complete": clock.complete(table)[shown.start : shown.stop],
            "reliable": gaps == 0,
        }
    )


def _text(clock: Clock, time: int, grain: Grain) -> str | None:
    return clock.text(time, grain) if clock.dated else None


def by_period(state: pl.DataFrame, clock: Clock, grain: Grain) -> pl.DataFrame:
    """A state keyed by `segments` and `period`, with a row for every segment and period in range; sums of none are 0.

    Adds `period_start`, `period_end`, `complete`, `reliable`; everybody (`segments` empty) comes first.
    """
    names = segments_of(state)
    grid = every_period(names, clock, grain)
    wide = len(grid) // len(names)
    segment = codes(state["segments"], names)
    period = state["period"].to_numpy() - grid["period"][0]
    there = np.flatnonzero((period >= 0) & (period < wide))
    cell = segment[there] * wide + period[there]
    # Each cell of the grid once, or as often as the state has it; null where it has none.
    times = np.bincount(cell, minlength=len(grid))
    cells = np.repeat(np.arange(len(grid)), np.maximum(times, 1))
    ordered = there[np.argsort(cell, kind="stable")]
    if len(ordered) < len(cells):
        rows = np.full(len(cells), np.nan)
        rows[times[cells] > 0] = ordered
        values = state[pl.Series(rows, nan_to_null=True).cast(pl.UInt32)]
    else:
        values = state if np.array_equal(ordered, np.arange(state.height)) else state[ordered]
    if any(column.null_count() for column in values.get_columns()):
        values = values.with_columns(pl.col(pl.Int128).fill_null(0))
    grid = grid if len(cells) == len(grid) else grid[cells]
    return grid.hstack([column for column in values.get_columns() if column.name not in ("segments", "period")])


def added(table: pl.DataFrame, *columns: pl.Series) -> pl.DataFrame:
    """The table with columns of its height, without a query: in place of those of their names, else behind."""
    return pl.DataFrame(list({column.name: column for column in (*table.get_columns(), *columns)}.values()))


def segments_of(state: pl.DataFrame) -> tuple[str, ...]:
    """The segments of a state in order; everybody is among them and comes first."""
    return ("", *sorted({*state["segments"].to_list()} - {""}))


def codes(column: pl.Series, names: Sequence[str]) -> Int64s:
    """The position of each text among distinct names, which hold it."""
    if len(names) == 1:
        return np.zeros(len(column), np.int64)
    return column.cast(pl.Enum(names)).to_physical().to_numpy().astype(np.int64)


def every_period(segments: tuple[str, ...], clock: Clock, grain: Grain) -> pl.DataFrame:
    """Every segment with every period in range."""

    def make() -> pl.DataFrame:
        names = pl.DataFrame({"segments": pl.Series(segments, dtype=pl.String)})
        return names.join(period_table(clock, grain), how="cross")

    return clock.shared(("grid", segments, grain), make) if len(segments) <= _KEPT else make()


def flags(table: pl.DataFrame, n: str | None = None, extra: Sequence[pl.Expr] = ()) -> pl.DataFrame:
    """Adds the column `flags`: `small_n` below 30 customers, `unreliable` where a day is missing, and any `extra`."""
    number = np.zeros(table.height, np.uint32)
    if n is not None:
        (customers,) = floats(table, n)
        number += (customers >= 0) & (customers < SMALL_N)
    if "reliable" in table.columns:
        number += 2 * (floats(table, "reliable")[0] == 0).astype(np.uint32)
    known = pl.Series("flags", _FLAGS)
    said = known[number] if number.any() else known.new_from_index(0, len(number))
    if extra:
        words = pl.concat_str([*extra, pl.when(said != "").then(said)], separator=";", ignore_nulls=True)
        said = table.select(words.fill_null("").alias("flags")).to_series()
    return added(table, said)


def floats(table: pl.DataFrame, *columns: str) -> list[Floats]:
    """Columns as float64 arrays, for the formulas of `kernels.intervals`."""
    return [table[name].cast(pl.Float64).to_numpy() for name in columns]


def divided(numerator: str, denominator: str) -> pl.Expr:
    """numerator ÷ denominator as Float64, null where the denominator is zero."""
    low = pl.col(denominator).cast(pl.Float64)
    return pl.when(low != 0).then(pl.col(numerator).cast(pl.Float64) / low)


def quotient(table: pl.DataFrame, numerator: str, denominator: str, scale: int = 1) -> pl.Series:
    """numerator ÷ denominator of fixed-point sums, then ÷ `scale`; null where the denominator is zero."""
    above, below = floats(table, numerator, denominator)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pl.Series(numerator, np.where(below != 0, above / below, np.nan) / scale, nan_to_null=True)


def with_interval(
    table: pl.DataFrame, interval: tuple[Floats, Floats], low: str = "ci_low", high: str = "ci_high"
) -> pl.DataFrame:
    """Adds an interval's ends, null where unknown."""
    return added(table, pl.Series(low, interval[0], nan_to_null=True), pl.Series(high, interval[1], nan_to_null=True))


def without_customers(table: pl.DataFrame) -> pl.DataFrame:
    """The same without `n` and interval: aggregated rows, such as a day's followers, are no sample of customers."""
    return table.with_columns(
        n=pl.lit(None, pl.Int64), ci_low=pl.lit(None, pl.Float64), ci_high=pl.lit(None, pl.Float64)
    )
