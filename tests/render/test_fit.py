from __future__ import annotations

import pytest

from engagement_cli.render.draw import draw
from engagement_cli.render.fit import fit
from engagement_cli.render.layout import Layout
from engagement_cli.render.page import Cell, Column, Grid, Reduction, Section
from engagement_cli.render.text import wrapped

COLUMNS = (Column("name", "name", right=False), Column("n", "n"), Column("note", "note", right=False))
ROW = (Cell("a name of thirty characters ..."), Cell("1,234"), Cell("a note of twenty six chars"))
GRID = Grid(COLUMNS, (Section("", (ROW,)),), (Reduction("note", 10), Reduction("name", 20), Reduction("note")))


@pytest.mark.parametrize(
    ("width", "columns", "widths"),
    [
        (80, (0, 1, 2), (31, 5, 26)),
        (60, (0, 1, 2), (31, 5, 20)),  # what was shortened has the room that is left
        (45, (0, 1, 2), (26, 5, 10)),
        (39, (0, 1, 2), (20, 5, 10)),
        (38, (0, 1), (31, 5)),  # what fits again comes back
        (30, (0, 1), (23, 5)),
        (20, (0, 1), (13, 5)),
    ],
)
def test_as_little_as_needed_is_given_up(width: int, columns: tuple[int, ...], widths: tuple[int, ...]) -> None:
    fitted = fit(GRID, width)
    assert (fitted.columns, fitted.widths) == (columns, widths)


def test_what_is_given_up_is_said() -> None:
    assert fit(GRID, 80).given_up == ""
    assert fit(GRID, 60).given_up.startswith("To fit 60 columns: shortened note (")
    assert fit(GRID, 30).given_up.startswith("To fit 30 columns: left out note; shortened name (")


def test_a_column_without_a_title_is_called_by_its_key() -> None:
    columns = (Column("name", "name", right=False), Column("bar", "", right=False))
    grid = Grid(columns, (Section("", ((Cell("a name"), Cell("█" * 20)),)),), (Reduction("bar"),))
    assert fit(grid, 20).given_up.startswith("To fit 20 columns: left out bar (")


def test_a_sentence_goes_on_below_and_nothing_of_it_is_lost() -> None:
    columns = (Column("name", "name", right=False), Column("says", "says", right=False, wraps=True))
    section = Section("", ((Cell("a"), Cell("one two three four")), (Cell("b"), Cell("five"))))
    text = draw((Grid(columns, (section,), (Reduction("says", 9),)),), Layout(15))
    assert text.splitlines() == ["name  says", "a     one two", "      three", "      four", "b     five"]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 5, [""]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("abcdef gh", 4, ["abcd", "ef", "gh"]),
    ],
)
def test_text_is_broken_between_words_where_it_can_be(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines
