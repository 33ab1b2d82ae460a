"""The rows of a board: of each metric the number that `report` and `explain` show, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import reduce

import polars as pl

from engagement_cli.records import Record, replace
from engagement_cli.render.documents import BoardPage
from engagement_cli.render.pages.headline import headlines
from engagement_cli.results import ROW_SCHEMA, Finished
from engagement_cli.timeline.segment_order import Orders, ranked

_PERIOD = ("period_start", "period_end")
_KEYS = (*_PERIOD, "step", "index")
_NUMBERS = ("value", "ci_low", "ci_high", "n", "numerator", "denominator")
_TOLD = ("segments", *_NUMBERS, "complete", "flags", *_PERIOD)
NONE = "(none)"


class Lane(Record):
    """One metric of a board: `cells` has a row a segment (empty for all), or, without a breakdown, a period.

    `cells` has the columns `segments`, `value`, `ci_low`, `ci_high`, `n`, `complete`, `flags`, `period_start` and
    `period_end` of metric rows. `period` in words stands behind a title where it is not the board's.
    """

    finished: Finished
    unit: str
    cells: pl.DataFrame
    start: str | None
    end: str | None


def _primary(finished: Finished) -> pl.DataFrame:
    name = finished.view.measures[0].column
    return finished.rows.filter(pl.col("measure") == name).with_columns(pl.col("segments").fill_null(""))


def _divided(finished: Finished, through: str | None) -> Lane:
    """The metric's headline for all, and the same row of each segment."""
    rows, unit = _primary(finished), finished.view.measures[0].unit
    whole = rows.filter(pl.col("segments") == "")
    line = headlines(replace(finished, rows=whole if whole.height else rows), through)[0][1].row
    if rows["cohort_start"].is_not_null().any() and rows["cohort_start"].is_not_null().all():
        found = headlines(replace(finished, rows=rows), through)  # cohorts pooled one segment at a time
        cells = pl.DataFrame([{**head.row, "segments": s} for s, head in found], schema=ROW_SCHEMA)
    else:
        same = [pl.col(key).eq_missing(pl.lit(line[key], ROW_SCHEMA[key])) for key in _KEYS]
        cells = rows.filter(pl.col("cohort_start").is_null(), *same)
    return Lane(finished, unit, cells.select(_TOLD), line["period_start"], line["period_end"])


def _periodic(finished: Finished) -> Lane:
    """All periods of the metric, of several rows a period the last one: of a funnel its last step."""
    rows = _primary(finished).filter(pl.col("segments") == "")
    pooled = rows["cohort_start"].is_not_null().any()
    if pooled:
        found = headlines(replace(finished, rows=rows), None)
        rows = pl.DataFrame([head.row for _, head in found], schema=ROW_SCHEMA)
    cells = rows.group_by(_PERIOD, maintain_order=True).last()
    return Lane(finished, finished.view.measures[0].unit, cells.select(_TOLD), None, None)


def lanes(page: BoardPage) -> list[Lane]:
    """The board's metrics with their cells; of a board by segments those that are divided by them."""
    answer = page.answer
    if not page.by:
        return [_periodic(finished) for finished in answer.metrics]
    found = [_divided(finished, answer.through) for finished in answer.metrics]
    return [lane for lane in found if (lane.cells["segments"] != "").any()]


def period_of(found: Sequence[Lane]) -> tuple[str | None, str | None]:
    """The period that most metrics of a board by segments are about, of equals the latest."""
    counted = Counter((lane.start, lane.end) for lane in found if lane.start is not None)
    return max(counted, key=lambda pair: (counted[pair], pair[1] or ""), default=(None, None))


def segments_of(found: Sequence[Lane], orders: Orders) -> list[str]:
    """The segments with anything to show: all first, then in the order of their values where these have one, else by
    the first metric's value; what has no name comes last."""
    if not found:
        return []
    told = pl.concat([lane.cells.select("segments", "value", "n") for lane in found])
    something = (pl.col("value") != 0) | (pl.col("n") > 0)  # a mean may well be 0, a count of 0 is nothing
    told = told.filter((pl.col("value").is_not_null() & something.fill_null(value=False)) | (pl.col("segments") == ""))
    first = found[0].cells.select("segments", first="value")
    order = told.select("segments").unique().join(first, on="segments", how="left")
    order = order.with_columns(
        whole=pl.col("segments") == "", unnamed=pl.col("segments").str.contains(f"={NONE}", literal=True)
    )
    keys = ("whole", "unnamed", "first", "segments")
    names = order.sort(keys, descending=[True, False, True, False], nulls_last=True)["segments"].to_list()
    return ranked(names, orders) if orders else names


def values_of(segments: str, by: Sequence[str]) -> tuple[str | None, ...]:
    """The values in `plan=pro;country=FR`, one a segment; all None for everybody."""
    if not segments:
        return (None,) * len(by)
    rest, found = segments, []
    for name, following in zip(by, [*by[1:], None], strict=True):
        rest = rest.removeprefix(f"{name}=")
        value, _, rest = rest.partition(f";{following}=") if following is not None else (rest, "", "")
        rest = f"{following}={rest}"
        found.append(value)
    return tuple(found)


def board_table(page: BoardPage) -> pl.DataFrame:
    """The board as data.

    One row a segment (by segments) or a period (without): the segments' columns, null for everybody, `period_start`,
    `period_end`, `complete`, then of each metric `NAME` and, where it has them, `NAME_ci_low`, `NAME_ci_high`,
    `NAME_n`; a metric that is about another period than the row has `NAME_period_start` and `NAME_period_end`.
    `flags` reads `ctr:small_n;conversion:provisional`.
    """
    found = lanes(page)
    return _by_segment(page, found) if page.by else _by_period(found)


def _by_segment(page: BoardPage, found: Sequence[Lane]) -> pl.DataFrame:
    start, end = period_of(found)
    names = segments_of(found, page.answer.orders)
    table = pl.DataFrame({"segments": names}, schema={"segments": pl.String})
    values = [values_of(name, page.by) for name in names]
    taken = {column for lane in found for column in _columns(lane)}
    titles = [name if name not in taken else f"by_{name}" for name in page.by]
    columns = [pl.Series(t, [row[i] for row in values], dtype=pl.String) for i, t in enumerate(titles)]
    table = table.with_columns(*columns, period_start=pl.lit(start, pl.String), period_end=pl.lit(end, pl.String))
    parts = [_named(lane, (start, end)) for lane in found]
    table = reduce(lambda left, right: left.join(right, on="segments", how="left", maintain_order="left"), parts, table)
    return _finished(table, found, [*titles, *_PERIOD])


def _by_period(found: Sequence[Lane]) -> pl.DataFrame:
    parts = [_named(lane, None) for lane in found]
    table = reduce(lambda a, b: a.join(b, on=list(_PERIOD), how="full", coalesce=True, nulls_equal=True), parts)
    return _finished(table.sort(_PERIOD, nulls_last=True), found, list(_PERIOD))


def _columns(lane: Lane) -> dict[str, str]:
    """The names of a metric's columns in the data, with those of its cells."""
    measure, name = lane.finished.view.measures[0], lane.finished.name
    told = {"ci_low": measure.ci_low, "ci_high": measure.ci_high, "n": measure.n}
    return {name: "value"} | {f"{name}_{column}": column for column, there in told.items() if there is not None}


def _named(lane: Lane, period: tuple[str | None, str | None] | None) -> pl.DataFrame:
    """A metric's cells under its name, keyed by segments, or by period where none is given."""
    name, columns = lane.finished.name, dict(_columns(lane))
    if period is not None and (lane.start, lane.end) != period:
        columns |= {f"{name}_{column}": column for column in _PERIOD}
    keys = ["segments"] if period is not None else list(_PERIOD)
    told = {f"_complete {name}": "complete", f"_flags {name}": "flags"}
    return lane.cells.select(*keys, **{title: pl.col(column) for title, column in (columns | told).items()})


def _finished(table: pl.DataFrame, found: Sequence[Lane], keys: Sequence[str]) -> pl.DataFrame:
    names = [lane.finished.name for lane in found]
    # What has no value leaves nothing incomplete.
    complete = pl.all_horizontal(
        pl.col(f"_complete {name}").fill_null(value=True) | pl.col(name).is_null() for name in names
    )
    words = [
        pl.when(pl.col(f"_flags {name}").fill_null("") != "").then(
            pl.lit(f"{name}:") + pl.col(f"_flags {name}").str.replace_all(";", ",", literal=True)
        )
        for name in names
    ]
    flags = pl.concat_str(words, separator=";", ignore_nulls=True) if words else pl.lit("")
    table = table.with_columns(complete=complete if names else pl.lit(value=True), flags=flags.fill_null(""))
    told = [column for column in table.columns if not column.startswith(("_complete ", "_flags "))]
    rest = [c for c in told if c not in (*keys, "complete", "flags", "segments")]
    return table.select(*keys, "complete", *rest, "flags")
