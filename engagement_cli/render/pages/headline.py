"""The one number that a report shows for a metric, and for each of its segments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from engagement_cli.records import Record
from engagement_cli.render.marks import named
from engagement_cli.render.pages.pooled import pooled
from engagement_cli.render.periods import period_name
from engagement_cli.render.text import plural, shortened
from engagement_cli.results import ROW_SCHEMA, Finished

TREND = 12
_YES = "yes"
_STEP_WIDTH = 24
_READ = ("measure", "segments", "cohort_start", "period_start", "complete", "step", "index", "value")
_NOTHING: Mapping[str, Any] = dict.fromkeys(ROW_SCHEMA)


class Headline(Record):
    """A metric row to show, under a label: its period in words, what is to be marked, and the values before it."""

    label: str
    row: Mapping[str, Any]
    period: str
    named: tuple[str, ...]
    trend: tuple[float | None, ...]  # complete periods, the latest last


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
        tuple(cells["value"].tail(TREND).to_list()) if complete.height else (),
    )


def headlines(finished: Finished, through: str | None) -> list[tuple[str, Headline]]:
    """Segments (`""` for all, which comes first) with their headline; a metric without rows has one without a value.

    Rows are looked through as plain values: these are few, and of each metric others are shown.
    """
    rows = _Rows(finished.rows, {name: finished.rows[name].to_list() for name in _READ})
    told = []
    for segments, places in _primary(finished, rows).items():
        cohorts = [i for i in places if rows.values["cohort_start"][i] is not None]
        if not cohorts:
            line = _by_period(finished, rows, segments, places, through)
        elif len(cohorts) < len(places):
            line = _pooled_by_metric(finished, rows, segments, sorted({*places} - {*cohorts}), cohorts)
        else:
            line = _by_cohort(finished, rows.table[cohorts].with_columns(segments=pl.lit(segments)))
        told.append((segments, line))
    if all(segments for segments, _ in told):
        told.insert(0, ("", Headline(finished.label, _NOTHING, "", (), ())))
    return sorted(told, key=lambda pair: pair[0] != "")


class _Rows(Record):
    """A metric's rows, and the columns of them that say which are shown, as lists."""

    table: pl.DataFrame
    values: Mapping[str, Sequence[Any]]

    def row(self, place: int, segments: str) -> dict[str, Any]:
        """One row, of these segments."""
        return {**self.table.row(place, named=True), "segments": segments}

    def complete(self, places: Sequence[int]) -> list[int]:
        """Those of complete periods; a row that does not say is complete."""
        return [i for i in places if self.values["complete"][i] is not False]

    def trend(self, places: Sequence[int], like: int) -> tuple[float | None, ...]:
        """The last values of complete periods, of the step and index of one row."""
        step, index, value = (self.values[name] for name in ("step", "index", "value"))
        same = [value[i] for i in self.complete(places) if (step[i], index[i]) == (step[like], index[like])]
        return tuple(same[-TREND:])


def _primary(finished: Finished, rows: _Rows) -> dict[str, list[int]]:
    """By segment the places of the rows of the view's first measure, or of the first one that has any."""
    measures = rows.values["measure"]
    first = finished.view.measures[0].column if finished.view.measures else None
    shown = first if first in measures else next(iter(measures), None)
    found: dict[str, list[int]] = {}
    for place, (measure, segments) in enumerate(zip(measures, rows.values["segments"], strict=True)):
        if measure == shown:
            found.setdefault(segments or "", []).append(place)
    return found


def _pooled_by_metric(
    finished: Finished, rows: _Rows, segments: str, pooled_rows: Sequence[int], cohorts: Sequence[int]
) -> Headline:
    """The row that the metric itself gives for all its cohorts, at the interval that the label names, else at the last
    that it shows."""
    asked = _asked(finished)
    shown = [i for i in pooled_rows if rows.values["index"][i] == asked] or pooled_rows
    place = (rows.complete(shown) or shown)[-1]
    row, step, index = rows.row(place, segments), rows.values["step"], rows.values["index"]
    cells = [i for i in rows.complete(cohorts) if (step[i], index[i]) == (step[place], index[place])]
    return Headline(
        _with_index(finished, row["index"] or 0),
        row,
        plural(len(cells), "cohort"),
        named(row["complete"], row["flags"]),
        rows.trend(cohorts, place),
    )


def _by_period(finished: Finished, rows: _Rows, segments: str, places: Sequence[int], through: str | None) -> Headline:
    """The latest complete period, or the latest where none is complete; of several rows the one that leads."""
    begins = rows.values["period_start"]
    shown = rows.complete(places) or places
    last = max((begins[i] for i in shown if begins[i] is not None), default=None)
    latest = [i for i in shown if begins[i] == last]
    place = latest[0 if finished.view.leads == "first" else -1]
    row = rows.row(place, segments)
    return Headline(
        _label(finished, row),
        row,
        period_name(row["period_start"], row["period_end"], finished.every, through),
        named(row["complete"], row["flags"]),
        rows.trend(places, place),
    )
