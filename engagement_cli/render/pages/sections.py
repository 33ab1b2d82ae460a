"""A long table in sections: what each row is about as a title over the rows that share it, rather than in columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from engagement_cli.render.page import Grid, Section

EVERYBODY = "All"


def by_section(grid: Grid, titles: Sequence[str], dropped: Collection[str]) -> Grid:
    """The grid's rows under their titles, one a row, without the columns `dropped`; under none where all have one."""
    rows = [row for section in grid.sections for row in section.rows]
    kept = [i for i, column in enumerate(grid.columns) if column.key not in dropped]
    alone = len(set(titles)) < 2
    sections = []
    for title, group in groupby(zip(titles, rows, strict=True), key=lambda pair: pair[0]):
        cut = tuple(tuple(row[i] for i in kept) for _, row in group)
        sections.append(Section("" if alone else title, cut))
    reductions = tuple(r for r in grid.reductions if r.column not in dropped)
    return Grid(tuple(grid.columns[i] for i in kept), tuple(sections), reductions)


def segment_titles(segments: Sequence[str]) -> list[str]:
    """Segments as titles: `plan=pro · country=FR`."""
    return [segment.replace(";", " · ") or EVERYBODY for segment in segments]
