from __future__ import annotations

import pytest

from engagement_cli.render.fit import fit
from engagement_cli.render.page import Cell, Column, Grid, Reduction, Section

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
