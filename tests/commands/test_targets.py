"""Goals in the report: the level to be reached, where it stands, and in explain from where to where."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import run

CONFIGURATION = """version: 1
extends: none
metrics:
  uses:
    type: aggregate
    count: events
    label: Uses
    target: {increase: 20%, within: quarter, from: 2025-04-01}
  users:
    type: aggregate
    count: customers
    label: Users
    target: {at_least: 2}
"""


@pytest.fixture
def given(tmp_path: Path) -> list[object]:
    events = tmp_path / "events.csv"
    rows = [f"{i % 2},x,2025-{month:02}-01T12:00:00Z" for month in range(1, 5) for i in range(10 if month < 4 else 11)]
    events.write_text("\n".join(["customer,event,timestamp", *rows]) + "\n")
    (tmp_path / "engagement.yaml").write_text(CONFIGURATION)
    return ["--events", events, "--config", tmp_path / "engagement.yaml", "--as-of", "2025-05-01", "--quiet"]


def test_the_report_shows_the_goal_and_where_it_stands(given: list[object]) -> None:
    lines = run("report", *given).out.splitlines()
    (uses,) = [line for line in lines if line.startswith("Uses")]
    assert "≥ 12" in uses
    assert "behind" in uses  # 11 of the 11.4 that the path has in April
    (users,) = [line for line in lines if line.startswith("Users")]
    assert users.split()[-3:] == ["≥", "2", "met"]


def test_the_row_has_the_level_to_be_reached(given: list[object]) -> None:
    rows = run("report", *given, "--format", "json").json["metrics"]
    found = {(row["metric"], row["period_start"]): (row["target"], row["status"]) for row in rows}
    assert found["uses", "2025-04-01"] == (12, "behind")
    assert found["uses", "2025-03-01"] == (None, None)
    assert found["users", "2025-03-01"] == (2, "met")


def test_explain_says_the_pace_needed(given: list[object]) -> None:
    told = run("explain", "uses", *given).out
    words = "increase 20 % within a quarter from 2025-04-01: from 10 to 12 on average"
    assert f"{words}, 12.50 on average in the 2 periods left" in " ".join(told.split())


def test_a_goal_without_data_is_told_in_words(given: list[object]) -> None:
    told = " ".join(run("metrics", "show", "uses", *given[2:4]).out.split())
    assert "target: increase 20 % within a quarter from 2025-04-01" in told
