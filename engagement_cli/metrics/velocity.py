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

from typing import Literal

import polars as pl
from pydantic import Field

from engagement_cli.kernels.arrays import LARGEST
from engagement_cli.kernels.decimals import over
from engagement_cli.metrics.parts.contents import APPEARANCES, appearances, rows_with
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
from engagement_cli.timeline.needs import Needs, narrowed
from engagement_cli.timeline.quantiles import quantile
from engagement_cli.timeline.state import Column, State, StateTable

STATE = {
    "shares": StateTable({"segments": pl.String, "content": pl.UInt64, "time": pl.Int64}, {"count": "sum"}),
    "appearances": APPEARANCES,
}
_RUNS = StateTable({**SEGMENT_AND_PERIOD, "value": pl.Int64}, {"count": "sum"})
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
    contents = _appeared(p, state, clock)
    each = _each(p, state["shares"], contents, clock)
    keys = list(SEGMENT_AND_PERIOD)
    counts = ("contents", "shares", "in_24h", "in_7d", "half", "shared_contents", "young")
    sums = each.group_by(keys).agg(
        contents=pl.len(),
        shares=pl.col("shares").sum(),
        in_24h=pl.col("in_24h").sum(),
        in_7d=pl.col("in_7d").sum(),
        half=pl.col("half").cast(pl.Int128).sum(),
        shared_contents=pl.col("half").count(),
        young=pl.col("young").sum(),
    )
    table = by_period(sums.with_columns(pl.col(counts).cast(pl.Int128)), clock, p.every)
    for window, hours in _HOURS.items():
        table = table.with_columns(quotient(table, f"in_{window}", "contents", hours).alias(f"mean_per_hour_{window}"))
        table = _with_median(table, each, f"in_{window}", hours, f"median_per_hour_{window}")
    ticks = clock.ticks_per_second
    table = table.with_columns(mean_seconds_to_half=quotient(table, "half", "shared_contents", ticks))
    table = _with_median(table, each.drop_nulls("half"), "half", ticks, "median_seconds_to_half")
    table = table.with_columns(
        pl.col("contents", "shares", "shared_contents", "young").cast(pl.Int64),
        complete=pl.col("complete") & (pl.col("young") == 0),
    ).drop("in_24h", "in_7d", "half")
    provisional = pl.when(pl.col("young") > 0).then(pl.lit("provisional"))
    return View(
        table=flags(table, "contents", [provisional]),
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


def _appeared(p: Parameters, state: State, clock: Clock) -> pl.DataFrame:
    """The contents that appear in the range: `content`, `first`, `period`, and whether they are `young` at as_of."""
    first = state["appearances"].frame()
    if p.start is None:
        shares = state["shares"].take(state["shares"].runs(2)).frame(["segments", "content", "time"])
        first = shares.filter(pl.col("segments") == "").select("content", first="time")
    first = first.filter(pl.col("first").is_between(clock.since, clock.until, "left"))
    period = clock.periods(p.every).index(first["first"].to_numpy())
    return first.with_columns(
        pl.Series("period", period, dtype=pl.Int32), young=pl.col("first") + 7 * clock.day > clock.as_of
    )


def _each(p: Parameters, shares: Cells, contents: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """One row a segment and content: its shares, those in its first 24 h and 7 d, the ticks to half of them."""
    runs = shares.runs(2)
    each = shares.take(runs).frame(["segments", "content"])
    each = each.join(contents, on="content", how="left", maintain_order="left")
    origins = each["first"].fill_null(LARGEST).to_numpy()
    each = each.hstack(shares_since(shares, runs, origins, clock.day)).filter(pl.col("shares") > 0)
    if p.start is None:
        return each
    unshared = contents.join(each.filter(pl.col("segments") == ""), on="content", how="anti")
    zero = pl.lit(0, pl.Int64)
    unshared = unshared.select(
        pl.lit("").alias("segments"), "content", "period", "young", shares=zero, in_24h=zero, in_7d=zero
    )
    return pl.concat([each, unshared], how="diagonal_relaxed")


def _with_median(table: pl.DataFrame, each: pl.DataFrame, column: str, scale: int, name: str) -> pl.DataFrame:
    """The table with the median of a column over contents, divided by `scale`, under a name."""
    runs = _RUNS.of({**each.select(_KEYS).to_dict(), "value": each[column], "count": 1})
    middle = quantile(runs, "value", "count", 0.5, _KEYS)
    table = table.join(middle, on=_KEYS, how="left", maintain_order="left")
    return table.with_columns(over(table["value"], scale).alias(name)).drop("value")
