"""How fast contents spread: shares an hour after they appear, and the time until half of their shares were made.

What: per content, shares an hour over its first 24 hours and its first 7 days, and the time to half of its shares;
    shown as mean and median over the contents that appear in the period.
Formula: a content appears with its first share in all history read, by anybody; with `from`, with its first such event:
    shares before it do not count, contents without it are left out, and contents never shared spread at 0 an hour.
    Shares an hour = shares in `[appearance, appearance + window)` ÷ 24, or ÷ 168. Time to half = time from the
    appearance to the share with which half of the shares known so far, or more, are made. A segment has the contents
    that it shared, since they appeared anywhere.
Reads: events with a content, those of nobody too, also before `since`; shares past `until` as far as they are known (to
    an `as_of` that was asked for, else to the last row).
Parameters: events (the shares), content (the column that says what is shared, such as content_id; rows without it are
    left out), from (events with which a content appears; default: its first share), where (of the shares alone), every,
    by (of the share).
Example:
    >>> from engagement_cli.metrics.velocity import Parameters
    >>> p = Parameters.model_validate({"type": "velocity", "events": ["share"], "content": "content_id"})
    >>> str(p.events)
    'share'

Source: this program's definitions. Medians are exact. There is no interval: the contents are all there are, no sample
    of customers. Periods in which a content is younger than 7 days at `as_of` are provisional and not complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from engagement_cli.kernels.arrays import LARGEST, Flags, Int64s
from engagement_cli.kernels.intervals import Floats
from engagement_cli.metrics.parts.contents import APPEARANCES, appearances, contents_of, places, rows_with
from engagement_cli.metrics.parts.grid import Grid, ViewColumn
from engagement_cli.metrics.parts.needed import required_and_optional
from engagement_cli.metrics.parts.period_rows import by_period, flags, quotient
from engagement_cli.metrics.parts.shares_since import shares_since
from engagement_cli.metrics.protocol import SEGMENT_AND_PERIOD, Context
from engagement_cli.results import Measure, View
from engagement_cli.settings.metric import MetricParameters
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import Select, Selection
from engagement_cli.timeline.breakdown import Grouping, groupings
from engagement_cli.timeline.bucket import Bucket
from engagement_cli.timeline.cells import Cells
from engagement_cli.timeline.clock import Clock
from engagement_cli.timeline.labels import Labels
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    "shares": StateTable({"segments": pl.String, "content": pl.UInt64, "time": pl.Int64}, {"count": "sum"}),
    "appearances": APPEARANCES,
}
_RUNS = StateTable({**SEGMENT_AND_PERIOD, "value": pl.Int64}, {"count": "sum"})
_SUMS = StateTable(
    SEGMENT_AND_PERIOD,
    dict.fromkeys(("contents", "shares", "in_24h", "in_7d", "half", "shared_contents", "young"), "sum"),
)
_HOURS = {"24h": 24, "7d": 168}
_KEYS = list(SEGMENT_AND_PERIOD)
_MEASURES = (
    *(Measure(f"{how}_per_hour_{window}", "number", n="contents") for window in _HOURS for how in ("mean", "median")),
    *(Measure(f"{how}_seconds_to_half", "seconds", n="shared_contents") for how in ("mean", "median")),
    Measure("contents", "count"),
    Measure("shares", "count"),
)


class Parameters(MetricParameters):
    """What is shared, and with which events it appears."""

    type: Literal["velocity"]
    events: Select
    content: str = Field(min_length=1, description="the column that says which content it is")
    start: Select | None = Field(None, alias="from", description="events with which a content appears")


def _shares(p: Parameters) -> Selection:
    return narrowed(p.events, p.where)


def needs(p: Parameters, settings: Settings) -> Needs:
    """The shares, and what a content appears with."""
    required, optional = required_and_optional([_shares(p), *filter(None, [p.start])])
    return Needs(selections=required, optional=optional, things=(p.content,), by=p.by, across=True)


def measure(p: Parameters, bucket: Bucket) -> State:
    """Every share by content and instant; with `from`, when each content appears as far as the bucket knows."""
    parts = [_counted(p, bucket, grouping) for grouping in groupings(bucket, p.by)]
    first = APPEARANCES.empty() if p.start is None else appearances(bucket, p.content, p.start)
    return {"shares": STATE["shares"].merge(parts), "appearances": first}


def _counted(p: Parameters, bucket: Bucket, grouping: Grouping) -> Cells:
    parts = []
    for found in rows_with(bucket, p.content, _shares(p)):
        shares = found.known(bucket)
        labels = grouping.labels(shares.groups(bucket, grouping, p.every))
        columns: dict[str, Column] = {"segments": labels, "content": shares.rows.things[p.content]}
        parts.append(STATE["shares"].of({**columns, "time": shares.rows.time, "count": 1}))
    return STATE["shares"].merge(parts)


def finish(p: Parameters, state: State, context: Context) -> View:
    """A row a segment and period: means and medians over the contents that appear in it."""
    clock = context.clock
    segments, each = _each(p, state["shares"], *_appeared(p, state, clock), clock)
    keys: dict[str, Column] = {"segments": segments, "period": each["period"]}
    rows = by_period(_SUMS.of({**keys, **each, "contents": 1}), clock, p.every)
    counts = {name: rows.whole(name) for name in ("contents", "shares", "shared_contents", "young")}
    contents, ticks, young = counts["contents"], clock.ticks_per_second, counts["young"] > 0

    numbers: dict[str, ViewColumn] = {}
    for window, hours in _HOURS.items():
        numbers[f"mean_per_hour_{window}"] = quotient(rows.number(f"in_{window}"), contents, hours)
        numbers[f"median_per_hour_{window}"] = _median(keys, each[f"in_{window}"], rows.grid) / hours
    numbers["mean_seconds_to_half"] = quotient(rows.number("half"), counts["shared_contents"], ticks)
    shared = np.flatnonzero(each["shared_contents"])
    keys = {"segments": segments.take(shared), "period": each["period"][shared]}
    numbers["median_seconds_to_half"] = _median(keys, each["half"][shared], rows.grid) / ticks
    about: dict[str, ViewColumn] = {
        "complete": rows.grid.complete & ~young,
        "flags": flags(rows.grid, contents, {"provisional": young}),
    }
    return View(
        table=rows.grid.table({**numbers, **counts, **about}),
        measures=_MEASURES,
        columns=(
            "period_start",
            "period_end",
            *(("segments",) if p.by else ()),
            "contents",
            "shares",
            *(m.column for m in _MEASURES[:-2]),
            "young",
            "complete",
        ),
        semantics=f"{_shares(p)} by {p.content}, of contents that appear in the period with their first "
        f"{p.start or 'share'}, {p.every.words}; per hour over their first 24 h and 7 d",
    )


def _median(keys: Mapping[str, Column], values: Int64s, grid: Grid) -> Floats:
    """The median over contents, of each row of the grid."""
    runs = _RUNS.of({**keys, "value": values, "count": 1})
    groups, middle = quantile(runs, "value", "count", 0.5, _KEYS)
    return grid.beside(groups, middle)


def _appeared(p: Parameters, state: State, clock: Clock) -> tuple[NDArray[np.uint64], dict[str, Int64s]]:
    """The contents that appear in the range, rising: their `first`, its `period`, and 1 for those `young` at as_of."""
    seen, column = state["appearances"], "first"
    if p.start is None:
        seen, column = state["shares"].take(state["shares"].runs(2)), "time"
        seen = seen.take(np.flatnonzero(_of_everybody(seen.labels("segments"))))
    first = seen.whole(column)
    inside = np.flatnonzero((first >= clock.since) & (first < clock.until))
    first = first[inside]
    return contents_of(seen)[inside], {
        "first": first,
        "period": clock.periods(p.every).index(first).astype(np.int64),
        "young": (first + 7 * clock.day > clock.as_of).astype(np.int64),
    }


def _each(
    p: Parameters, shares: Cells, contents: NDArray[np.uint64], about: Mapping[str, Int64s], clock: Clock
) -> tuple[Labels, dict[str, Int64s]]:
    """One row a segment and content: its shares, those in its first 24 h and 7 d, the ticks to half of them."""
    runs = shares.runs(2)
    firsts = shares.take(runs)
    labels, place = firsts.labels("segments"), places(contents, contents_of(firsts))
    origins = np.append(about["first"], LARGEST)[place]
    found = shares_since(shares, runs, origins, clock.day)
    shared = np.flatnonzero(found["shares"])  # none of a content that does not appear in the range
    labels, place = labels.take(shared), place[shared]
    each = {name: column[shared] for name, column in found.items()}
    each |= {name: about[name][place] for name in ("period", "young")}
    each["shared_contents"] = np.ones(len(shared), np.int64)
    if p.start is None:
        return labels, each
    left = np.ones(len(contents), np.bool_)
    left[place[_of_everybody(labels)]] = False
    none = {name: np.zeros(np.count_nonzero(left), np.int64) for name in (*found, "shared_contents")}
    unshared = {**none, **{name: about[name][left] for name in ("period", "young")}}
    of_both = {name: np.concatenate([column, unshared[name]]) for name, column in each.items()}
    return Labels.joined([labels, Labels.same("", int(np.count_nonzero(left)))]), of_both


def _of_everybody(labels: Labels) -> Flags:
    return np.array([text == "" for text in labels.texts], np.bool_)[labels.codes]
