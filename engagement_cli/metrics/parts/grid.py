"""Every segment with every period in range, a row each: what the rows of most metrics stand on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engagement_cli.kernels.arrays import Flags, Int64s
from engagement_cli.kernels.intervals import Floats
from engagement_cli.records import Record, replace
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.numbering import named

ViewColumn: TypeAlias = "NDArray[Any] | pl.Series"
Number = TypeVar("Number", bound=np.generic)
_KEPT = 50  # segments: the periods of more are many rows, and made anew for each metric


class Shown(Record):
    """The periods in range, from the one of index `first`: their bounds as ISO texts, and what is known of each."""

    first: int
    starts: tuple[str | None, ...]
    ends: tuple[str | None, ...]
    complete: Flags
    reliable: Flags

    def __len__(self) -> int:
        """How many periods there are."""
        return len(self.starts)


class Grid(Record):
    """Rows of which each has a segment, by its place among `names`, and a period, by its place among those shown."""

    names: tuple[str, ...]
    periods: Shown
    segment: Int64s
    place: Int64s

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.segment)

    @property
    def period(self) -> Int64s:
        """The index of each row's period."""
        return self.place + self.periods.first

    @property
    def complete(self) -> Flags:
        """Whether each row's period is complete."""
        return self.periods.complete[self.place]

    @property
    def reliable(self) -> Flags:
        """Whether each row's period lacks no day."""
        return self.periods.reliable[self.place]

    @cached_property
    def columns(self) -> Mapping[str, pl.Series]:
        """What tables show of it: `segments`, `period_start`, `period_end`, `complete`."""
        texts = {"segments": (self.names, self.segment)}
        texts |= {f"period_{end}": (getattr(self.periods, f"{end}s"), self.place) for end in ("start", "end")}
        found = {name: named(*each).alias(name) for name, each in texts.items()}
        return {**found, "complete": pl.Series("complete", self.complete)}

    def take(self, rows: NDArray[np.integer[Any]]) -> Grid:
        """Some rows, in any order and as often as asked for."""
        return replace(self, segment=self.segment[rows], place=self.place[rows])

    def rows(self, cells: Cells) -> Int64s:
        """The row of each cell keyed by `segments` and `period`, where each of these has one; −1 of others."""
        place = cells.whole("period") - self.periods.first
        rows = self.segments_of(cells) * len(self.periods) + place
        return np.where((place >= 0) & (place < len(self.periods)) & (rows >= 0), rows, -1)

    def segments_of(self, cells: Cells) -> Int64s:
        """Where the segment of each cell stands among `names`; far below zero where it does not."""
        texts = cells.texts[[*cells.schema].index("segments")] or ()
        if texts == self.names:
            return cells.whole("segments")
        known = {text: i for i, text in enumerate(self.names)}
        return np.array([known.get(text or "", -(1 << 40)) for text in texts], np.int64)[cells.numbers("segments")]

    def spread(self, rows: Int64s, values: NDArray[Number], none: float) -> NDArray[Number]:
        """Values at their rows (−1: at none), and `none` at all others."""
        if len(rows) == len(self) and (rows == np.arange(len(rows))).all():
            return values
        spread = np.full(len(self), none, values.dtype)
        there = rows >= 0
        spread[rows[there]] = values[there]
        return spread

    def beside(self, cells: Cells, numbers: Floats) -> Floats:
        """A number of each cell in its row, NaN in all others."""
        return self.spread(self.rows(cells), numbers, np.nan)

    def table(self, columns: Mapping[str, ViewColumn]) -> pl.DataFrame:
        """The grid's columns and others, which may stand in for them."""
        return table({**self.columns, **columns})


def table(columns: Mapping[str, ViewColumn]) -> pl.DataFrame:
    """A table of columns of one height; in arrays of floats, NaN is null.

    Arrays of one dtype become parts of one column: each that is made costs as much as some formula.
    """
    alike: dict[np.dtype[Any], list[str]] = {}
    for name, column in columns.items():
        if isinstance(column, np.ndarray):
            alike.setdefault(column.dtype, []).append(name)
    made = {name: column for name, column in columns.items() if isinstance(column, pl.Series)}
    for names in alike.values():
        arrays = [np.asarray(columns[name]) for name in names]
        whole, height = pl.Series(np.concatenate(arrays), nan_to_null=True), len(arrays[0])
        made |= {name: whole.slice(i * height, height) for i, name in enumerate(names)}
    return pl.DataFrame([made[name].alias(name) for name in columns])


def grid_of(names: tuple[str, ...], clock: Clock, every: Grain) -> Grid:
    """Every segment with every period in range."""

    def make() -> Grid:
        periods = periods_shown(clock, every)
        segment, place = np.divmod(np.arange(len(names) * len(periods)), len(periods))
        return Grid(names, periods, segment, place)

    return clock.shared(("grid", names, every), make) if len(names) <= _KEPT else make()


def segments_of(cells: Cells) -> tuple[str, ...]:
    """The segments of a state in order; everybody is among them and comes first."""
    texts = cells.texts[[*cells.schema].index("segments")] or ("",)
    if texts == ("",):
        return ("",)
    there = np.bincount(cells.numbers("segments"), minlength=len(texts)) > 0
    return ("", *(text for text, some in zip(texts, there.tolist(), strict=True) if some and text))


def periods_shown(clock: Clock, every: Grain) -> Shown:
    """The periods in range."""
    return clock.shared(("periods shown", every), lambda: _shown(clock, every))


def _shown(clock: Clock, every: Grain) -> Shown:
    periods = clock.periods(every)
    shown = clock.shown(periods)
    bounds = periods.bounds[shown.start : shown.stop + 1]
    texts = [clock.text(time, every) if clock.dated else None for time in bounds.tolist()]
    reliable = ~clock.lacks_days(bounds[:-1], bounds[1:])
    complete = clock.complete(periods)[shown.start : shown.stop]
    return Shown(shown.start, tuple(texts[:-1]), tuple(texts[1:]), complete, reliable)


def period_table(clock: Clock, every: Grain) -> pl.DataFrame:
    """The periods in range: `period` (index), `period_start`, `period_end` (ISO text), `complete`, `reliable`."""
    grid = grid_of(("",), clock, every)
    columns = {name: column for name, column in grid.columns.items() if name != "segments"}
    return table({"period": grid.period.astype(np.int32), **columns, "reliable": grid.reliable})
