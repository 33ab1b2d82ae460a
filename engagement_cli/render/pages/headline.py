"""The one number that a report shows for a metric, and for each of its segments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from engagement_cli.render.marks import named
from engagement_cli.render.pages.pooled import pooled
from engagement_cli.render.periods import period_name
from engagement_cli.render.text import plural, shortened
from engagement_cli.results import ROW_SCHEMA, Finished

TREND = 12
_YES = "yes"
_STEP_WIDTH = 24
_NOTHING: Mapping[str, Any] = dict.fromkeys(ROW_SCHEMA)


@dataclass(frozen=True)
class Headline:
    """A metric row to show, under a label: its period in words, what is to be marked, and the values before it."""

    label: str
    row: Mapping[str, Any]
    period: str
    named: tuple[str, ...]
    trend: tuple[float | None, ...]  # complete periods, the latest last


def _primary(finished: Finished) -> pl.DataFrame:
    """The rows of the view's first measure."""
    rows = finished.rows
    if rows.is_empty():
        return rows
    measures = [m.column for m in finished.view.measures]
    name = measures[0] if measures and measures[0] in rows["measure"] else rows["measure"][0]
    return rows.filter(pl.col("measure").eq_missing(pl.lit(name, pl.String)))


def _period_unit(finished: Finished) -> str:
    return finished.every if finished.every.isalpha() else "period"


def _asked(finished: Finished) -> int | None:
    """The interval that the label itself names: of `Week-4 retention` the fourth."""
    match = re.search(rf"\b{_period_unit(finished)}[ -]([0-9]+)\b", finished.label.lower())
    return int(match[1]) if match else None


def _with_index(finished: Finished, index: int) -> str:
    """`Week-4 retention`, or `Onboarding · week 4`."""
    unit = _period_unit(finished)
    if finished.label.lower() == "retention":
        return f"{unit.capitalize()}-{index} retention"
    return finished.label if _asked(finished) is not None else f"{finished.label} · {unit} {index}"


def _label(finished: Finished, row: Mapping[str, Any]) -> str:
    step = None if row["step"] == _YES else row["step"]  # of a yes or no, the label says which it is
    step = shortened(step, _STEP_WIDTH) if step else step  # of a list of many events the first say enough
    parts = [finished.label, step, None if row["index"] is None or row["step"] else str(row["index"])]
    return " · ".join(part for part in parts if part)


def _tail(values: pl.Series) -> tuple[float | None, ...]:
    return tuple(values.tail(TREND).to_list())


def _by_cohort(finished: Finished, rows: pl.DataFrame) -> Headline:
    """The cohorts pooled at the interval that the label names, else at the last that any of them has completed."""
    asked = _asked(finished)
    if asked is not None:
        rows = rows.filter(pl.col("index") == asked)
    if rows.is_empty():
        return Headline(finished.label, _NOTHING, "", (), ())
    complete = rows.filter(pl.col("complete").fill_null(True))
    shown = complete if complete.height else rows
    index = max(shown["index"].drop_nulls().to_list(), default=0)
    cells = shown.filter(pl.col("index").fill_null(0) == index)
    row = pooled(finished.view, cells)
    flags = dict.fromkeys(f for text in cells["flags"].drop_nulls().to_list() for f in text.split(";"))
    flags = dict.fromkeys(f for f in [*flags, *str(row["flags"] or "").split(";")] if f and f != "small_n")
    small = ["small_n"] if "small_n" in str(row["flags"] or "") else []
    return Headline(
        _with_index(finished, index),
        row,
        plural(cells.height, "cohort"),
        named(complete.height > 0, ";".join([*small, *flags])),
        _tail(cells["value"]) if complete.height else (),
    )


def _pooled_by_metric(finished: Finished, headline: pl.DataFrame, cohorts: pl.DataFrame) -> Headline:
    """The row that the metric itself gives for all its cohorts, at the interval that the label names, else at the last
    that it shows."""
    named_one = headline.filter(pl.col("index").eq_missing(pl.lit(_asked(finished), pl.Int64)))
    headline = named_one if named_one.height else headline
    complete = headline.filter(pl.col("complete").fill_null(True))
    row = (complete if complete.height else headline).row(-1, named=True)
    same = [pl.col(name).eq_missing(pl.lit(row[name], ROW_SCHEMA[name])) for name in ("step", "index")]
    cells = cohorts.filter(*same, pl.col("complete").fill_null(True))
    return Headline(
        _with_index(finished, row["index"] or 0),
        row,
        plural(cells.height, "cohort"),
        named(row["complete"], row["flags"]),
        _tail(cells["value"]),
    )


def _by_period(finished: Finished, rows: pl.DataFrame, through: str | None) -> Headline:
    """The latest complete period, or the latest where none is complete; of several rows the one that leads."""
    complete = rows.filter(pl.col("complete").fill_null(True))
    shown = complete if complete.height else rows
    latest = shown["period_start"].max()
    place = 0 if finished.view.leads == "first" else -1
    row = shown.filter(pl.col("period_start").eq_missing(pl.lit(latest, pl.String))).row(place, named=True)
    same = [pl.col(name).eq_missing(pl.lit(row[name], ROW_SCHEMA[name])) for name in ("step", "index")]
    return Headline(
        _label(finished, row),
        row,
        period_name(row["period_start"], row["period_end"], finished.every, through),
        named(row["complete"], row["flags"]),
        _tail(complete.filter(*same)["value"]),
    )


def headlines(finished: Finished, through: str | None) -> list[tuple[str, Headline]]:
    """Segments (`""` for all, which comes first) with their headline; a metric without rows has one without a value."""
    rows = _primary(finished).with_columns(pl.col("segments").fill_null(""))
    found = []
    for part in rows.partition_by("segments", maintain_order=True):
        segments = part["segments"][0]
        if part["cohort_start"].null_count() < part.height:
            cohorts = part.filter(pl.col("cohort_start").is_not_null())
            rest = part.filter(pl.col("cohort_start").is_null())
            line = _pooled_by_metric(finished, rest, cohorts) if rest.height else _by_cohort(finished, cohorts)
        else:
            line = _by_period(finished, part, through)
        found.append((str(segments), line))
    if all(segments for segments, _ in found):
        found.insert(0, ("", Headline(finished.label, _NOTHING, "", (), ())))
    return sorted(found, key=lambda pair: pair[0] != "")
