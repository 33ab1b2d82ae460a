"""A number with its interval on a scale, and long tables in sections."""

from __future__ import annotations

from engagement_cli.render.page import Cell, Column, Grid, Section
from engagement_cli.render.pages.sections import by_section, segment_titles
from engagement_cli.render.pages.spans import span

NPS = (-100.0, 100.0)


def test_a_number_stands_at_its_place_inside_its_interval() -> None:
    assert span(0.0, -20.0, 20.0, NPS) == "    ─●─"
    assert span(100.0, None, None, NPS) == "     ┊    ●"
    assert span(-100.0, None, None, NPS) == "●    ┊"
    assert span(0.5, 0.1, 0.9, (0.0, 1.0)) == " ────●────"


def test_what_lies_beyond_the_scale_ends_with_it_and_nothing_is_drawn_of_nothing() -> None:
    assert span(0.0, -138.6, 138.6, NPS) == "─────●─────"
    assert span(None, None, None, NPS) == ""
    assert span(float("nan"), 0.0, 1.0, NPS) == ""


def test_rows_go_under_the_titles_that_they_share() -> None:
    cells = [(Cell("a"), Cell("1")), (Cell("a"), Cell("2")), (Cell("b"), Cell("3"))]
    grid = Grid((Column("segments", "segments"), Column("n", "n")), (Section("", tuple(cells)),))
    cut = by_section(grid, ["x", "x", "y"], {"segments"})
    assert [column.key for column in cut.columns] == ["n"]
    assert [(s.title, [row[0].text for row in s.rows]) for s in cut.sections] == [("x", ["1", "2"]), ("y", ["3"])]
    assert [s.title for s in by_section(grid, ["x"] * 3, ()).sections] == [""]
    assert segment_titles(["", "plan=pro;country=FR"]) == ["All", "plan=pro · country=FR"]
