"""The plain table of a view: its columns with units, its incomplete rows marked."""

from __future__ import annotations

from collections.abc import Sequence

from engagement_cli.records import replace
from engagement_cli.render.data import plain, view_columns
from engagement_cli.render.marks import PARTIAL, marks, named
from engagement_cli.render.numbers import interval
from engagement_cli.render.page import Cell, Column, Grid, Reduction, Section
from engagement_cli.render.pages.grids import column_cells, is_right, reductions, title_of, unit_of
from engagement_cli.render.periods import period_name
from engagement_cli.render.text import safe
from engagement_cli.results import Finished, View

Extra = tuple[Column, Sequence[Cell]]

# Names of events, of which one may be a list of many, are shortened to so much before a number is left out.
_EVENT_WIDTH = 32
_EVENTS = ("event", "next_event")
_NOTE_WIDTH = 14
_KEYS = ("segments", "period", "cohort_start", "period_start", "step", "event", "next_event", "index")


def measure_units(view: View) -> dict[str, str]:
    """The unit of every column that a measure speaks of."""
    units: dict[str, str] = {}
    for measure in reversed(view.measures):
        bounds = {c: measure.unit for c in (measure.ci_low, measure.ci_high) if c}
        units |= bounds | {measure.column: measure.unit}
    return units


def row_names(view: View) -> list[tuple[str, ...]]:
    """What is to be marked on each row of the view's table."""
    table = view.table
    complete = table["complete"].to_list() if "complete" in table.columns else [True] * table.height
    flags = table["flags"].to_list() if "flags" in table.columns else [None] * table.height
    return [named(c, f) for c, f in zip(complete, flags, strict=True)]


def _periods(finished: Finished) -> Extra:
    """`period_start` and `period_end` as one name."""
    table = plain(finished.view.table)
    starts = table["period_start"].to_list()
    ends = table["period_end"].to_list() if "period_end" in table.columns else [None] * table.height
    names = [period_name(s, e, finished.every) for s, e in zip(starts, ends, strict=True)]
    return Column("period", "period", right=False), [Cell(name) for name in names]


def _intervals(view: View) -> dict[str, Extra]:
    """Of each measure with both bounds, the one column that stands behind it in place of them, by the measure."""
    table = plain(view.table)
    found: dict[str, Extra] = {}
    for measure in view.measures:
        low, high = measure.ci_low, measure.ci_high
        if low and high and {low, high} <= set(view.columns) and measure.column in table.columns:
            bounds = table.select(low, high, measure.column).rows()
            cells = [Cell(interval(lowest, highest, value, measure.unit)) for lowest, highest, value in bounds]
            title = "95 % CI" if measure is view.measures[0] else f"95 % CI of {title_of(measure.column)}"
            found[measure.column] = (Column(low, title), cells)
    return found


def _columns(finished: Finished) -> list[Extra]:
    view = finished.view
    table, units, ranges = plain(view.table), measure_units(view), _intervals(view)
    bounds = {bound for m in view.measures if m.column in ranges for bound in (m.ci_low, m.ci_high)}
    shown: list[Extra] = []
    for name in view_columns(view):
        if name in ("complete", "flags") or name in bounds or (name == "period_end" and "period_start" in view.columns):
            continue
        if name == "period_start":
            shown.append(_periods(finished))
            continue
        column = Column(name, title_of(name), right=is_right(table.schema[name]))
        main = bool(view.measures) and name == view.measures[0].column
        shown.append((column, column_cells(table[name], unit_of(name, units), always=main)))
        shown += [ranges[name]] if name in ranges else []
    return shown


def _notes(finished: Finished) -> list[Extra]:
    """The dated notes, each on the rows of its period; one period has them all."""
    table = finished.view.table
    if not finished.notes or finished.every == "total" or not {"period_start", "period_end"} <= set(table.columns):
        return []
    cells = [
        Cell(safe("; ".join(n.text for n in finished.notes if start and end and start <= n.date < end)))
        for start, end in table.select("period_start", "period_end").rows()
    ]
    return [(Column("note", "note", right=False), cells)] if any(cell.text for cell in cells) else []


def view_grid(finished: Finished, extra: Sequence[Extra] = ()) -> Grid:
    """The view's table, one row a row; behind them what a chart adds. Incomplete rows are dim and carry a mark."""
    view = finished.view
    names = row_names(view)
    marked = (Column("marks", "", right=False), [Cell(marks(n), marked=n) for n in names])
    columns = [*_columns(finished), marked, *extra, *_notes(finished)]
    dim = ["dim" if PARTIAL in n else "" for n in names]
    cells = zip(*(texts for _, texts in columns), strict=True)
    rows = tuple(
        tuple(replace(cell, style=style or cell.style) for cell in row) for row, style in zip(cells, dim, strict=True)
    )
    keys = [column.key for column, _ in columns]
    first = view.measures[:1]
    kept = [*_KEYS, "marks", *(column for column in (view.index, view.step_column) if column)]
    kept += [measure.column for measure in first]
    # A picture goes before the interval of the number that the view is about.
    last = [*(column.key for column, _ in extra), "note", *(m.ci_low for m in first if m.ci_low)]
    given_up = (
        *(Reduction(key, _EVENT_WIDTH) for key in _EVENTS),
        Reduction("note", _NOTE_WIDTH),
        *reductions(keys, [*kept, *last]),
        *(Reduction(key) for key in last),
    )
    return Grid(tuple(column for column, _ in columns), (Section("", rows),), given_up)
