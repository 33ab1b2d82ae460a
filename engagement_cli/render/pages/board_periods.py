"""A board without segments: the report's line of each metric, with the periods before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from engagement_cli.render.documents import BoardPage
from engagement_cli.render.numbers import quantity
from engagement_cli.render.page import Cell, Column, Grid, Reduction, Section, of_quantity
from engagement_cli.render.pages.headline import Headline, headlines
from engagement_cli.render.pages.report import COLUMNS
from engagement_cli.render.pages.report_cells import cells
from engagement_cli.render.periods import period_name
from engagement_cli.results import ROW_SCHEMA, Finished

BEFORE = 5
_DROPPED = ("benchmark",)
_REDUCTIONS = (
    *(Reduction(f"before {i}") for i in reversed(range(3, BEFORE + 1))),
    Reduction("n"),
    Reduction("label", 36),
    Reduction("trend", 8),
    *(Reduction(f"before {i}") for i in (2, 1)),
    Reduction("label", 32),
    Reduction("target"),
    Reduction("label", 26),
    Reduction("trend"),
    Reduction("status"),
    Reduction("label", 22),
    Reduction("interval"),
)


def period_grid(page: BoardPage) -> Grid:
    """A row a metric: the last periods up to its latest complete one, interval, change and trend."""
    lines = [_line(finished, page.answer.through) for finished in page.answer.metrics]
    told = [(f.every, line.row["period_start"], line.row["period_end"]) for f, line in _paired(page, lines)]
    every, start, end = Counter(told).most_common(1)[0][0]
    one = len(set(told)) == 1
    before = _before(page, start, every) if start is not None else {}
    titles = [Column(f"before {i}", before[i][0]) for i in sorted(before, reverse=True)]
    rows = []
    for finished, line in _paired(page, lines):
        label, *rest = cells(finished, line, line.label)
        earlier = [before[i][1].get(finished.name, Cell()) for i in sorted(before, reverse=True)]
        rows.append((label, *earlier, *rest))
    label_column, *others = COLUMNS
    if one and start is not None:
        shared = period_name(start, end, every, page.answer.through)
        others = [Column("value", shared) if column.key == "value" else column for column in others]
    left = [i for i, c in enumerate((label_column, *titles, *others)) if _kept(c, one=one)]
    columns = (label_column, *titles, *others)
    shown = tuple(tuple(row[i] for i in left) for row in rows)
    return Grid(tuple(columns[i] for i in left), (Section("", shown),), _REDUCTIONS)


def _paired(page: BoardPage, lines: Sequence[Headline]) -> list[tuple[Finished, Headline]]:
    return list(zip(page.answer.metrics, lines, strict=True))


def _kept(column: Column, *, one: bool) -> bool:
    """Where all metrics are about one period, that is a title and not a column."""
    return column.key not in _DROPPED and not (one and column.key == "period")


def _line(finished: Finished, through: str | None) -> Headline:
    return headlines(finished, through)[0][1]


def _before(page: BoardPage, start: str, every: str) -> dict[int, tuple[str, dict[str, Cell]]]:
    """The periods before one, counted back from 1: each one's name and the metrics' values in it."""
    found: dict[int, tuple[str, dict[str, Cell]]] = {}
    for finished in page.answer.metrics:
        unit = finished.view.measures[0].unit
        line = _line(finished, page.answer.through).row
        if (finished.every, line["period_start"]) != (every, start):
            continue
        same = [pl.col(key).eq_missing(pl.lit(line[key], ROW_SCHEMA[key])) for key in ("step", "index", "segments")]
        rows = finished.rows.filter(pl.col("measure") == finished.view.measures[0].column, *same)
        rows = rows.filter(pl.col("cohort_start").is_null(), pl.col("period_start") < start).sort("period_start")
        for i, row in enumerate(reversed(rows.tail(BEFORE).rows(named=True)), 1):
            name = period_name(row["period_start"], row["period_end"], finished.every)
            cell = of_quantity(quantity(row["value"], unit))
            found.setdefault(i, (name, {}))[1][finished.name] = cell
    return found
