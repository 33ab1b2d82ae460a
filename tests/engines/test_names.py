"""Columns of exports may be called as the program calls its own."""

from __future__ import annotations

import pytest
from support.commands import run

OURS = ("hash", "code", "time", "fate", "_bucket", "segments", "id", "rank", "group")


@pytest.fixture
def exports(tmp_path):
    days = range(1, 29)
    events = [f"u{d % 4},visit,2025-01-{d:02d}T12:00:00Z" for d in days]
    (tmp_path / "events.csv").write_text("\n".join(["user_id,event,timestamp", *events]) + "\n")
    customers = [f"u{i}," + ",".join(f"{name}{i % 2}" for name in OURS) for i in range(4)]
    (tmp_path / "customers.csv").write_text("\n".join(["user_id," + ",".join(OURS), *customers]) + "\n")
    audience = [f"2025-01-{d:02d},page,{100 + d},h{d}" for d in days]
    (tmp_path / "audience.csv").write_text("\n".join(["date,account,followers,hash", *audience]) + "\n")
    return ["--events", tmp_path / "events.csv", "--customers", tmp_path / "customers.csv"]


@pytest.mark.parametrize("name", OURS)
def test_a_customer_column_of_any_name_divides(exports, name):
    done = run("stickiness", *exports, "--active", "visit", "--by", name, "--format", "json")
    rows = [row for row in done.json["rows"] if row["segments"]]
    assert {row["segments"] for row in rows} == {f"{name}={name}0", f"{name}={name}1"}


def test_an_audience_column_called_hash(exports, tmp_path):
    done = run("report", *exports, "--audience", tmp_path / "audience.csv", "--format", "json")
    assert done.code == 0
