"""Exports of next to nothing: one row, nobody's rows, a single source."""

from __future__ import annotations

import pytest
from support.commands import run

EVENTS = "user_id,event_name,occurred_at\n"
EXPORTS = {
    "one customer": ("--events", EVENTS + "u1,page_view,2025-01-01T10:00:00Z\n"),
    "nobody": ("--events", EVENTS + ",page_view,2025-01-01T10:00:00Z\n,purchase,2025-02-01T10:00:00Z\n"),
    "surveys alone": ("--surveys", "user_id,survey,answered_at,score\nu1,nps,2025-01-01,9\n"),
    "subscriptions alone": ("--subscriptions", "user_id,plan,started_at,ended_at,mrr\nu1,pro,2025-01-01,,10\n"),
    "customers alone": ("--customers", "user_id,country\nu1,FR\n"),
    "audience alone": ("--audience", "date,account,followers\n2025-01-01,main,10\n"),
}
COMMANDS = (
    ["report"],
    ["metrics", "list", "--available"],
    ["customers"],
)


@pytest.mark.parametrize("export", EXPORTS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_catalogue_and_the_customer_table_take_them(tmp_path, export, command):
    option, text = EXPORTS[export]
    path = tmp_path / "export.csv"
    path.write_text(text)
    assert run(*command, option, path).code == 0


def test_divisions_of_nobody_are_empty(tmp_path):
    path = tmp_path / "e.csv"
    path.write_text(EXPORTS["nobody"][1])
    done = run("segments", "--events", path, "--format", "json")
    assert done.code == 0
    bands = [row for row in done.json["rows"] if row["metric"] == "engagement_bands"]
    assert [row["customers"] for row in bands] == [0, 0, 0, 0]
