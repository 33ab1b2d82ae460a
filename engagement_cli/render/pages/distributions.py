"""How customers are divided, drawn: a bar a value; four quadrants as a square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engagement_cli.render.documents import Divisions
from engagement_cli.render.marks import legend, marks, named
from engagement_cli.render.numbers import fixed, interval, quantity
from engagement_cli.render.page import Block, Cell, Column, Grid, Line, Page, Reduction, Section, marked_in, notes
from engagement_cli.render.pages.account import below, dates
from engagement_cli.render.sparkline import BAR, bar
from engagement_cli.render.text import plural, safe
from engagement_cli.results import Finished

_HIGH_AND_LOW = ("high", "low")
_QUADRANT = "{} value, {} influence"
Row = Mapping[str, Any]


def is_distribution(finished: Finished) -> bool:
    """Whether a metric divides everybody into several parts, which one line of a report cannot show."""
    return finished.type == "distribution" and finished.view.table["value"].n_unique() > 1


def divisions_page(document: Divisions) -> Page:
    """The page of all ways in which customers are divided."""
    answer = document.answer
    blocks = [block for finished in answer.metrics for block in distribution_blocks(finished)]
    top: list[Block] = [Line(safe(document.title), heading=1), dates(answer)]
    return (*top, *blocks, *notes([legend(marked_in(blocks))]), *below(answer))


def distribution_blocks(finished: Finished) -> list[Block]:
    """A metric of type `distribution`: everybody first, then each segment."""
    table = finished.view.table
    parts = {str(key[0]): part.to_dicts() for key, part in table.group_by("segments", maintain_order=True)}
    everybody = parts.get("", [])
    n = everybody[0]["n"] if everybody else 0
    title = Line(f"{safe(finished.label)} ({plural(n, 'customer')})", heading=2)
    if _is_square(everybody):
        return [title, _square(parts)]
    if all(len(rows) == 1 for rows in parts.values()):  # of one value, the segments are the rows
        named = [{**row, "value": name.replace(";", " · ") or "all"} for name, rows in parts.items() for row in rows]
        return [title, _bars({"": named})]
    return [title, _bars(parts)]


def _bars(parts: Mapping[str, Sequence[Row]]) -> Grid:
    """One row a value."""
    shares = [row["share"] or 0.0 for rows in parts.values() for row in rows]
    columns = (
        Column("value", "", right=False),
        Column("customers", "customers"),
        Column("share", "share"),
        Column("interval", "95 % CI"),
        Column("bar", "", right=False),
    )
    sections = tuple(
        Section(safe(name.replace(";", " · ")), tuple(_bar_row(row, max(shares, default=0.0)) for row in rows))
        for name, rows in parts.items()
    )
    return Grid(columns, sections, (Reduction("bar"), Reduction("interval")))


def _bar_row(row: Row, largest: float) -> tuple[Cell, ...]:
    flags = named(True, row["flags"])
    share = quantity(row["share"], "share")
    return (
        Cell(safe(row["value"])),
        Cell(fixed(row["customers"], 0)),
        Cell(share.number, f"{share.unit} {marks(flags)}".strip(), "", flags),
        Cell(interval(row["ci_low"], row["ci_high"], row["share"], "share"), style="dim"),
        Cell(bar(row["share"], largest, BAR)),
    )


def _is_square(rows: Sequence[Row]) -> bool:
    wanted = {_QUADRANT.format(value, influence) for value in _HIGH_AND_LOW for influence in _HIGH_AND_LOW}
    return {row["value"] for row in rows} == wanted


def _square(parts: Mapping[str, Sequence[Row]]) -> Grid:
    """High value above, high influence at the right; under each share the customers of each segment."""
    of = {name.split("=", 1)[-1]: {row["value"]: row for row in rows} for name, rows in parts.items()}
    influences = tuple(reversed(_HIGH_AND_LOW))
    columns = (Column("value", "", right=False), *(Column(name, f"{name} influence") for name in influences))
    rows: list[tuple[Cell, ...]] = []
    for value in _HIGH_AND_LOW:
        quadrants = [_QUADRANT.format(value, influence) for influence in influences]
        rows.append((Cell(f"{value} value"), *(_share(of[""][q]) for q in quadrants)))
        for name, found in of.items():
            if name and name != "neither":
                counts = (Cell(fixed(found[q]["customers"], 0) if q in found else "0") for q in quadrants)
                rows.append((Cell(safe(f"  {name}s")), *counts))
    return Grid(columns, (Section("", tuple(rows)),))


def _share(row: Row) -> Cell:
    return Cell(f"{fixed(row['customers'], 0)} · {quantity(row['share'], 'share').text}")
