"""Is a goal met? Absolute goals period by period; a change over a time against the straight path to it.

A change compares windows of its `within`: the last one that is over when the goal is set (`from`), against the last one
that is over when its time is up. A window's level is the mean of the metric's own periods that begin in it, so a metric
by the month has three of them in a quarter. The straight path runs from the middle of the one window to the middle of
the other, with their levels; until the last period of the second one is complete, what has been reached of it on
average is on track or behind what the path has there on average, and afterwards the goal is met or missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import numpy as np
import polars as pl

from engagement_cli.kernels.arrays import Int64s
from engagement_cli.records import Record
from engagement_cli.settings.metric import MetricParameters, Target
from engagement_cli.settings.values import Grain
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.periods import Periods, add_units, floor_date, periods, to_local

_WINDOWS: Mapping[str, Grain] = {
    "week": Grain("week"),
    "month": Grain("month"),
    "quarter": Grain("quarter"),
    "year": Grain("month", 12),
}
_CLOSE = 1e-9  # of the goal: what rounding may leave of an equal value
_SERIES = ("segments", "index", "step")


class Path(Record):
    """The metric's periods that a change is judged by, as the texts of their starts, and where each stands on the path.

    `share` of a period in `after`: 0 at the level before, 1 at the goal; their mean is 1.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    share: tuple[float, ...]


def judged(rows: pl.DataFrame, p: MetricParameters, primary: str, clock: Clock) -> pl.DataFrame:
    """Rows of a metric with `target` and `status` (met, on_track, behind, missed); both null where nothing is judged.

    Only the view's first measure is judged, in complete periods. Of a change, `target` is the level to be reached.
    """
    none = {"target": pl.lit(None, pl.Float64), "status": pl.lit(None, pl.String)}
    target = p.target
    if target is None:
        return rows.with_columns(**none)
    counts = pl.col("measure") == primary
    path = None if absolute(target) is not None else path_of(target, p.every, clock)
    if path is not None:
        return _against_path(rows, target, path, counts)
    if absolute(target) is None:
        return rows.with_columns(**none)
    bound = pl.lit(absolute(target), pl.Float64)
    met = pl.col("value") >= bound if target.at_least is not None else pl.col("value") <= bound
    known = counts & pl.col("complete") & pl.col("value").is_not_null()
    word = pl.when(met).then(pl.lit("met")).otherwise(pl.lit("missed"))
    return rows.with_columns(target=pl.when(counts).then(bound), status=pl.when(known).then(word))


def absolute(target: Target) -> float | None:
    """The bound of an absolute goal; None of a change."""
    return target.at_least if target.at_least is not None else target.at_most


def _change(target: Target) -> float:
    """The relative change asked for, below zero for a decrease."""
    return target.increase if target.increase is not None else -(target.decrease or 0.0)


def path_of(target: Target, every: Grain, clock: Clock) -> Path | None:
    """The periods before and after a change is asked for; None where a window holds no whole period of the metric."""
    if target.within is None or target.start is None or every.unit == "total" or not clock.dated:
        return None
    grain, begun = _WINDOWS[target.within], clock.instant(target.start)
    due = _moved(target.start, grain, clock)
    margin = 800 * clock.day  # two of the longest windows
    windows = periods(grain, begun - margin, due, clock.zone, clock.week_start, clock.ticks_per_second)
    before, after = windows.at(begun) - 1, windows.at(due) - 1
    own = periods(every, begun - margin, due, clock.zone, clock.week_start, clock.ticks_per_second)
    sides = [_starts(own, windows, place) for place in (before, after)]
    if sides[0] is None or sides[1] is None:
        return None
    middle = sides[0].mean()
    share = (sides[1] - middle) / (sides[1].mean() - middle)
    texts = [tuple(clock.text(int(start), every) for start in side) for side in (sides[0], sides[1])]
    return Path(texts[0], texts[1], tuple(share.tolist()))


def _moved(start: date | datetime, grain: Grain, clock: Clock) -> int:
    """The instant at which the time of a change is up: as far into a window as it was set, or that window's end."""
    day = to_local(clock.instant(start) // clock.ticks_per_second, clock.zone).date()
    first = floor_date(day, Grain(grain.unit), clock.week_start)
    ahead = add_units(first, Grain(grain.unit), grain.count)
    following = add_units(ahead, Grain(grain.unit), 1)
    due = min(ahead + (day - first), following)
    return clock.instant(due)


def _starts(own: Periods, windows: Periods, place: int) -> Int64s | None:
    """The starts of the metric's periods that begin in a window; None where one is longer than the window."""
    low, high = int(windows.bounds[place]), int(windows.bounds[place + 1])
    inside = np.flatnonzero((own.bounds[:-1] >= low) & (own.bounds[:-1] < high))
    if not len(inside) or (np.diff(own.bounds)[inside] > high - low).any():
        return None
    return own.bounds[inside]


def _against_path(rows: pl.DataFrame, target: Target, path: Path, counts: pl.Expr) -> pl.DataFrame:
    begins = pl.coalesce("period_start", "cohort_start")
    rows = rows.with_row_index("_row").with_columns(_begins=begins)
    known = rows.filter(counts & pl.col("complete") & pl.col("value").is_not_null())
    levels = _levels(known, target, path)
    places = pl.DataFrame({"_begins": path.after, "_share": path.share, "_place": np.arange(len(path.after))})
    reached = known.join(places, on="_begins").sort("_place")
    reached = reached.join(levels, on=_SERIES, nulls_equal=True)
    # The mean so far, of the values and of the path at the same periods.
    so_far = pl.int_range(1, pl.len() + 1).over(_SERIES)
    steps = pl.col("_goal") - pl.col("_level")
    value, wanted = (pl.col(c).cum_sum().over(_SERIES) / so_far for c in ("value", "_share"))
    reached = reached.with_columns(_mean=value, _wanted=pl.col("_level") + steps * wanted)
    last = pl.col("_place") == len(path.after) - 1
    off = (pl.col("_mean") - pl.col("_wanted")) * (1 if _change(target) > 0 else -1)
    good = off >= -_CLOSE * pl.col("_wanted").abs()
    final = pl.when(good).then(pl.lit("met")).otherwise(pl.lit("missed"))
    running = pl.when(good).then(pl.lit("on_track")).otherwise(pl.lit("behind"))
    reached = reached.with_columns(status=pl.when(last).then(final).otherwise(running))
    ended = reached.filter(last).select(*_SERIES, _final="status")
    rows = rows.join(levels.select(*_SERIES, "_goal"), on=_SERIES, how="left", nulls_equal=True, maintain_order="left")
    rows = rows.join(reached.select("_row", "status"), on="_row", how="left", maintain_order="left")
    rows = rows.join(ended, on=_SERIES, how="left", nulls_equal=True, maintain_order="left")
    later = pl.col("_begins") > path.after[-1]
    rows = rows.with_columns(
        target=pl.when(counts & (pl.col("_begins") >= path.after[0])).then("_goal"),
        status=pl.when(counts & later & pl.col("complete")).then("_final").otherwise("status"),
    )
    return rows.drop("_row", "_begins", "_goal", "_final")


def _levels(known: pl.DataFrame, target: Target, path: Path) -> pl.DataFrame:
    """`_level` before and `_goal`, of the series of which every period before is complete; nothing grows by a share."""
    before = known.filter(pl.col("_begins").is_in(list(path.before)))
    levels = before.group_by(_SERIES).agg(pl.col("value").mean().alias("_level"), pl.len().alias("_n"))
    levels = levels.filter(pl.col("_n") == len(path.before), pl.col("_level") != 0).drop("_n")
    change = pl.lit(_change(target), pl.Float64)
    return levels.with_columns(_goal=pl.col("_level") + change * pl.col("_level").abs())


class Standing(Record):
    """How far a change is, for everybody: the level before, the goal, periods in all and left, and what these need."""

    level: float
    goal: float
    periods: int
    left: int
    needed: float | None


def standing(rows: pl.DataFrame, p: MetricParameters, primary: str, clock: Clock) -> Standing | None:
    """Where a change stands; None of an absolute goal, of several series, and where there is no level before."""
    path = None if p.target is None or absolute(p.target) is not None else path_of(p.target, p.every, clock)
    if path is None or p.target is None:
        return None
    mine = rows.filter(pl.col("measure") == primary, pl.col("segments") == "", "complete")
    known = mine.filter(pl.col("value").is_not_null()).with_columns(_begins=pl.coalesce("period_start", "cohort_start"))
    levels = _levels(known, p.target, path)
    if levels.height != 1:
        return None
    level, goal = levels.select("_level", "_goal").row(0)
    begins = pl.coalesce("period_start", "cohort_start")
    over = mine.filter(begins.is_in(list(path.after)))["value"]
    left, reached = len(path.after) - len(over), over.drop_nulls()
    needed = (goal * (len(reached) + left) - float(reached.sum())) / left if left else None
    return Standing(level, goal, len(path.after), left, needed)
