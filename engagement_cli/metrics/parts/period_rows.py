"""From states keyed by segment and period to rows for people: every period of the range, its bounds, is it complete."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s, Integers, Whole
from engagement_cli.kernels.intervals import Floats
from engagement_cli.metrics.parts.grid import Grid, grid_of, segments_of
from engagement_cli.records import Record
from engagement_cli.results import SMALL_N
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.numbering import named
from engagement_cli.timeline.state import StateTable

Word = Literal[  # what flags a row
    "above_one",
    "carried_over",
    "history_start",
    "no_amounts",
    "no_times",
    "provisional",
    "rejected",
    "short_window",
    "small_n",
    "undated_costs",
    "unreliable",
]


class PeriodRows(Record):
    """The numbers of a state in the rows of a grid: sums of none are 0, of nothing there is no minimum or maximum."""

    grid: Grid
    cells: Cells
    rows: Int64s  # of each cell, −1: in none

    def floats(self, *names: str) -> list[Floats]:
        """Values as float64, for the formulas of `kernels.intervals`; NaN where there is none."""
        return [self._spread(name, np.float64) for name in names]

    def number(self, name: str) -> Floats:
        """One of them."""
        return self._spread(name, np.float64)

    def whole(self, name: str) -> Int64s:
        """A sum as int64."""
        return self._spread(name, np.int64)

    def spread(self, values: Floats) -> Floats:
        """A number for each of the cells in the rows of these, NaN in all others."""
        return self.grid.spread(self.rows, values, np.nan)

    def _spread(self, name: str, dtype: type[np.number[Any]]) -> NDArray[Any]:
        none = 0 if self.cells.schema[name] == pl.Int128 else np.nan
        return self.grid.spread(self.rows, self.cells.value(name).astype(dtype), none)


def by_period(cells: Cells, clock: Clock, every: Grain) -> PeriodRows:
    """A state keyed by `segments` and `period`, with a row for every segment and period in range.

    Everybody (`segments` empty) comes first.
    """
    return on_grid(cells, grid_of(segments_of(cells), clock, every))


def on_grid(cells: Cells, grid: Grid) -> PeriodRows:
    """A state keyed by `segments` and `period` in the rows of a grid of segments and periods."""
    return PeriodRows(grid, cells, grid.rows(cells))


def flags(
    grid: Grid,
    n: NDArray[Any] | None = None,
    said: Mapping[Word, Flags] | None = None,
    *,
    unreliable: Flags | None = None,
) -> pl.Series:
    """The column `flags`: what is `said` of rows, `small_n` below 30 customers, `unreliable` where a day is missing."""
    missing = ~grid.reliable if unreliable is None else unreliable
    return flagged(len(grid), n, {**(said or {}), "unreliable": missing})


def flagged(rows: int, n: NDArray[Any] | None, said: Mapping[Word, Flags]) -> pl.Series:
    """The column `flags` of rows of which something is `said`, or of which `n` are few; `unreliable` comes last."""
    words: dict[Word, Flags] = dict(said)
    if n is not None:
        words = {**said, "small_n": (n >= 0) & (n < SMALL_N)}
        words["unreliable"] = words.pop("unreliable")
    number = np.zeros(rows, np.int64)
    for bit, where in enumerate(words.values()):
        number += where * (1 << bit)
    if not number.any():
        return named(("",), number).alias("flags")
    return named(_joined(tuple(words)), number).alias("flags")


@lru_cache(maxsize=64)
def _joined(words: tuple[str, ...]) -> tuple[str, ...]:
    """What each number says whose bits are words."""
    return tuple(
        ";".join(word for bit, word in enumerate(words) if number >> bit & 1) for number in range(1 << len(words))
    )


def quotient(above: NDArray[Any], below: NDArray[Any], scale: int = 1) -> Floats:
    """above ÷ below, then ÷ `scale`; NaN where below is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(below != 0, above / below, np.nan) / scale


def interval(ends: tuple[Floats, Floats], low: str = "ci_low", high: str = "ci_high") -> dict[str, Floats]:
    """An interval's ends as columns."""
    return {low: ends[0], high: ends[1]}


def without_customers(rows: int) -> dict[str, pl.Series]:
    """No `n` and no interval: aggregated rows, such as a day's followers, are no sample of customers."""
    nothing = {"n": pl.Int64, "ci_low": pl.Float64, "ci_high": pl.Float64}
    return {name: pl.Series(name, [None], dtype).new_from_index(0, rows) for name, dtype in nothing.items()}


def summed(
    cells: Cells, table: StateTable, values: Mapping[str, Integers], sums: Mapping[str, Whole] | None = None
) -> Cells:
    """Numbers beside cells of which `segments` and `period` are the first keys, added up by these, and other `sums`."""
    runs = cells.runs(2)
    added = {name: np.add.reduceat(each, runs) if len(runs) else each for name, each in values.items()}
    return table.of_distinct({**cells.take(runs).keys("segments", "period"), **added, **(sums or {})})
