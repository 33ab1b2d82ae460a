"""An events export of which no row can be used says why."""

from __future__ import annotations

import pytest
from support.commands import run

HEADER = "user_id,event,timestamp\n"


def test_where_no_cell_can_be_read_the_first_are_named(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text(HEADER + "u1,visit,soon\nu2,visit,later\n")
    done = run("report", "--events", path)
    assert done.code == 3
    assert "2 of 2 rows of events (100.00%) cannot be read" in done.err
    assert f"{path}:2" in done.err
    assert "'soon' is no timestamp" in done.err


@pytest.mark.parametrize("where", ["event = 'other'", "user_id IS NULL"])
def test_where_all_rows_are_filtered_away_it_is_empty(tmp_path, where):
    path = tmp_path / "e.csv"
    path.write_text(HEADER + "u1,visit,2025-01-01\nu2,visit,2025-01-02\n")
    done = run("report", "--events", path, "--where", where)
    assert done.code == 6
    assert "no usable row" in done.err
