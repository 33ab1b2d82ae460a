"""A board on a page: segments as rows and metrics as columns, or turned; without segments, the metrics through time."""

from __future__ import annotations

from collections.abc import Sequence

from engagement_cli.records import replace
from engagement_cli.render.boards import Lane, lanes, period_of, segments_of, values_of
from engagement_cli.render.documents import BoardPage
from engagement_cli.render.marks import WHY_MISSING, legend, marks, named
from engagement_cli.render.numbers import interval, quantity
from engagement_cli.render.page import Block, Cell, Column, Grid, Layouts, Line, Page, Section, marked_in, notes
from engagement_cli.render.pages.account import below, dates
from engagement_cli.render.pages.board_periods import period_grid
from engagement_cli.render.pages.grids import reductions
from engagement_cli.render.periods import period_name
from engagement_cli.render.text import plural, safe

SEGMENTS_SHOWN = 40
_TITLE = 12  # characters of a line of a column's title
_ALL = "all"


def board_page(page: BoardPage) -> Page:
    """The page of a board."""
    answer = page.answer
    found = lanes(page)
    top: list[Block] = [Line(safe(page.title), heading=1), *notes([_about(page, found)]), dates(answer)]
    blocks: list[Block] = [_by_segment(page, found) if page.by else period_grid(page)]
    told = [_meaning(lane) for lane in found]
    more = len(segments_of(found, page.answer.orders)) - SEGMENTS_SHOWN - 1 if page.by else 0
    rest = f"{plural(more, 'more segment')} (--format csv has everything)" if more > 0 else ""
    below_it = [rest, legend(marked_in(blocks)), *map(safe, page.notes), *told, _whole(page, found), _left_out(page)]
    findings = [Line(safe(finding)) for finding in page.findings]
    return (*top, *blocks, *findings, *notes(below_it), *below(answer))


def _about(page: BoardPage, found: Sequence[Lane]) -> str:
    """What the rows are and which period they are about."""
    if not page.by:
        return ""
    start, end = period_of(found)
    every = next((lane.finished.every for lane in found if (lane.start, lane.end) == (start, end)), "total")
    return safe(f"by {', '.join(page.by)}, {period_name(start, end, every, page.answer.through)}")


def _meaning(lane: Lane) -> str:
    """What a rate divides by what, which its name alone cannot say."""
    finished = lane.finished
    divided = finished.view.measures[0].denominator is not None
    if not divided or not finished.description:
        return ""
    return safe(f"{finished.label}: {finished.description.partition(';')[0]}")


def _whole(page: BoardPage, found: Sequence[Lane]) -> str:
    """Which of the board's metrics cannot be divided by its segments, on one line."""
    shown = {lane.finished.name for lane in found}
    rest = [finished.label for finished in page.answer.metrics if finished.name not in shown]
    return safe(f"Not divided by {', '.join(page.by)}: {', '.join(rest)}") if rest else ""


def _left_out(page: BoardPage) -> str:
    """Which of the board's metrics the exports cannot feed, on one line."""
    return safe(f"Left out: {', '.join(page.left_out)} (the exports lack what they need)") if page.left_out else ""


def _by_segment(page: BoardPage, found: Sequence[Lane]) -> Layouts:
    """A row a segment, with intervals where these fit too; else a row a metric."""
    names = segments_of(found, page.answer.orders)[: SEGMENTS_SHOWN + 1]
    period = period_of(found)
    lines = [{row["segments"]: row for row in lane.cells.iter_rows(named=True)} for lane in found]
    titles = [_title(lane, period, page.answer.through) for lane in found]
    values = [[_value(rows.get(name), lane) for name in names] for lane, rows in zip(found, lines, strict=True)]
    spans = [[_interval(rows.get(name), lane) for name in names] for lane, rows in zip(found, lines, strict=True)]
    keys = [[Cell(_ALL if v is None else safe(v)) for v in values_of(name, page.by)] for name in names]
    across = _segments_down(page.by, keys, found, titles, values)
    down = _metrics_down(page.by, keys, titles, values)
    return Layouts(_with_intervals(across, spans, len(page.by)), (across, down), (len(page.by), 1))


def _title(lane: Lane, period: tuple[str | None, str | None], through: str | None) -> str:
    """A metric's label, with its period where that is not the board's."""
    label = safe(lane.finished.label)
    if (lane.start, lane.end) == period:
        return label
    name = period_name(lane.start, lane.end, lane.finished.every, through)
    return f"{label} ({name if lane.start is not None else 'all cohorts'})"


def _value(row: dict[str, object] | None, lane: Lane) -> Cell:
    if row is None:
        return Cell()
    value, flags, complete = row["value"], row["flags"], row["complete"]
    amount = quantity(value if isinstance(value, float) else None, lane.unit)
    found = named(complete is not False, str(flags or ""))
    names = found if value is not None else tuple(name for name in found if name in WHY_MISSING)
    return Cell(amount.number, f"{amount.unit} {marks(names)}".strip(), "", names)


def _interval(row: dict[str, object] | None, lane: Lane) -> Cell:
    if row is None:
        return Cell()
    low, high, value = (x if isinstance(x, float) else None for x in (row["ci_low"], row["ci_high"], row["value"]))
    return Cell(interval(low, high, value, lane.unit), style="dim")


def _segments_down(
    by: Sequence[str],
    keys: Sequence[Sequence[Cell]],
    found: Sequence[Lane],
    titles: Sequence[str],
    values: Sequence[Sequence[Cell]],
) -> Grid:
    columns = [Column(f"by {name}", safe(name), right=False) for name in by]
    columns += [Column(lane.finished.name, wrapped(title)) for lane, title in zip(found, titles, strict=True)]
    rows = [(*key, *cells) for key, *cells in zip(keys, *values, strict=True)]
    names = [column.key for column in columns]
    return Grid(tuple(columns), (Section("", tuple(rows)),), reductions(names, names[: len(by) + 1]))


def _with_intervals(grid: Grid, spans: Sequence[Sequence[Cell]], first: int) -> Grid:
    """The grid with a column behind each metric that has intervals."""
    columns = list(grid.columns[:first])
    parts = [[row[i] for row in grid.sections[0].rows] for i in range(first)]
    for place, cells in enumerate(spans, first):
        columns.append(grid.columns[place])
        parts.append([row[place] for row in grid.sections[0].rows])
        if any(cell.text for cell in cells):
            columns.append(Column(f"interval of {grid.columns[place].key}", "95 % CI"))
            parts.append(list(cells))
    return replace(grid, columns=tuple(columns), sections=(Section("", tuple(zip(*parts, strict=True))),))


def _metrics_down(
    by: Sequence[str], keys: Sequence[Sequence[Cell]], titles: Sequence[str], values: Sequence[Sequence[Cell]]
) -> Grid:
    named_by = [wrapped(" · ".join(cell.text for cell in key) if key[0].text != _ALL else _ALL) for key in keys]
    columns = [Column("metric", f"by {safe(', '.join(by))}", right=False)]
    columns += [Column(f"segment {i}", name) for i, name in enumerate(named_by)]
    # Units differ from row to row: a column does not align them.
    told = [[replace(cell, text=cell.whole, unit="") for cell in cells] for cells in values]
    rows = [(Cell(title), *cells) for title, cells in zip(titles, told, strict=True)]
    names = [column.key for column in columns]
    return Grid(tuple(columns), (Section("", tuple(rows)),), reductions(names, names[:2]))


def wrapped(title: str) -> str:
    """A title on several short lines, broken between words."""
    lines = [""]
    for word in title.split():
        joined = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(joined) > _TITLE:
            lines.append(word)
        else:
            lines[-1] = joined
    return "\n".join(lines)
