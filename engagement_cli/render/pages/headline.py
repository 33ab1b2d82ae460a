"""The one number that a report shows for a metric, and for each of its segments."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
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
_OF = "_of"
_PART = (_OF, "segments")  # a metric's segment
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


def headlines(finished: Finished, through: str | None) -> list[tuple[str, Headline]]:
    """Segments (`""` for all, which comes first) with their headline; a metric without rows has one without a value."""
    return all_headlines([finished], through)[0]


def all_headlines(metrics: Sequence[Finished], through: str | None) -> list[list[tuple[str, Headline]]]:
    """The headlines of each metric; the rows of all are looked through together."""
    if not metrics:
        return []
    rows, cohorts = _primary(metrics), pl.col("cohort_start").is_not_null()
    lines = _by_period(metrics, rows.filter(~cohorts.any().over(_PART)), through)
    for part in rows.filter(cohorts.any().over(_PART)).partition_by(_PART, maintain_order=True):
        of = part[_OF][0]
        rest, cells = (part.filter(which).drop(_OF) for which in (~cohorts, cohorts))
        finished = metrics[of]
        line = _pooled_by_metric(finished, rest, cells) if rest.height else _by_cohort(finished, cells)
        lines[of, part["segments"][0]] = line
    found: list[list[tuple[str, Headline]]] = [[] for _ in metrics]
    for of, segments in rows.select(_PART).unique(maintain_order=True).rows():
        found[of].append((segments, lines[of, segments]))
    for finished, told in zip(metrics, found, strict=True):
        if all(segments for segments, _ in told):
            told.insert(0, ("", Headline(finished.label, _NOTHING, "", (), ())))
    return [sorted(told, key=lambda pair: pair[0] != "") for told in found]


def _primary(metrics: Sequence[Finished]) -> pl.DataFrame:
    """The rows of each view's first measure, or of the first one that has any, with the metric's number."""
    first = [finished.view.measures[0].column if finished.view.measures else None for finished in metrics]
    number = np.repeat(np.arange(len(metrics)), [finished.rows.height for finished in metrics])
    rows = pl.concat([finished.rows for finished in metrics]).with_columns(
        pl.col("segments").fill_null(""),
        pl.Series(_OF, number),
        _first=pl.Series(first, dtype=pl.String).gather(number),
    )
    there = (pl.col("measure") == pl.col("_first")).any().over(_OF)
    shown = pl.when(there).then("_first").otherwise(pl.col("measure").first().over(_OF))
    return rows.filter(pl.col("measure").eq_missing(shown)).drop("_first")


def _by_period(metrics: Sequence[Finished], rows: pl.DataFrame, through: str | None) -> dict[tuple[int, str], Headline]:
    """The latest complete period, or the latest where none is complete; of several rows the one that leads."""
    complete = pl.col("complete").fill_null(True)
    latest = rows.filter(complete | ~complete.any().over(_PART)).filter(
        pl.col("period_start").eq_missing(pl.col("period_start").max().over(_PART))
    )
    leads = pl.Series([finished.view.leads == "first" for finished in metrics]).gather(latest[_OF])
    shown = pl.concat(
        [latest.filter(leads).unique(_PART, keep="first"), latest.filter(~leads).unique(_PART, keep="last")]
    )
    same = rows.join(shown.select(*_PART, _step="step", _index="index"), on=_PART, maintain_order="left").filter(
        complete, pl.col("step").eq_missing(pl.col("_step")), pl.col("index").eq_missing(pl.col("_index"))
    )
    trends = {(of, name): v for of, name, v in same.group_by(_PART).agg(pl.col("value").tail(TREND)).iter_rows()}
    return {
        (of, row["segments"]): Headline(
            _label(metrics[of], row),
            row,
            period_name(row["period_start"], row["period_end"], metrics[of].every, through),
            named(row["complete"], row["flags"]),
            tuple(trends.get((of, row["segments"]), ())),
        )
        for of, row in zip(shown[_OF].to_list(), shown.drop(_OF).to_dicts(), strict=True)
    }
