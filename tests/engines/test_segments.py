"""Breakdowns that the exports' own column names ask for, and those that would never end."""

from __future__ import annotations

import pytest
from support.commands import run

from engagement_cli.engines.course import MOST_VALUES

EVENTS = "user_id,event,timestamp,page\n"


@pytest.fixture
def exports(tmp_path):
    (tmp_path / "e.csv").write_text(EVENTS + "u1,visit,2025-01-01,a\nu2,visit,2025-01-02,b\n")
    (tmp_path / "c.csv").write_text("user_id,since,seats,size\nu1,2024-01-01,3,3.5\nu2,2024-01-02,3,10\n")
    (tmp_path / "s.csv").write_text("user_id,plan,started_at,mrr\nu1,pro,2024-01-01,19.5\nu2,free,2024-01-01,100\n")
    (tmp_path / "none.yaml").write_text(
        "version: 1\nextends: none\nsegments: {level: {column: subscriptions.mrr, cut: [50]}}\n"
    )
    return (
        *("-c", tmp_path / "none.yaml", "--events", tmp_path / "e.csv", "--customers", tmp_path / "c.csv"),
        *("--subscriptions", tmp_path / "s.csv", "--map", "customers.acquisition_cost=seats"),
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("customers.user_id", ["u1", "u2"]),
        ("customers.customer", ["u1", "u2"]),
        ("since", ["2024-01-01", "2024-01-02"]),
        ("seats", ["3"]),
        ("acquisition_cost", ["3"]),
        ("size", ["10", "3.5"]),
        ("mrr", ["100", "19.5"]),
        ("level", ["<50", ">=50"]),
    ],
)
def test_any_column_divides_under_its_own_name_and_its_field(exports, name, values):
    done = run("stickiness", *exports, "--active", "visit", "--by", name, "--format", "json")
    found = {row["segments"] for row in done.json["rows"] if row["segments"]}
    assert found == {f"{name}={value}" for value in values}


@pytest.mark.parametrize("name", ["started", "started_at"])
def test_a_time_divides_nothing(exports, name):
    done = run("stickiness", *exports, "--active", "visit", "--by", name)
    assert done.code == 2
    assert f"{name} is a time, which divides nothing" in done.err


def test_a_segment_named_twice_divides_once(exports):
    done = run("stickiness", *exports, "--active", "visit", "--by", "plan", "--by", "plan", "--format", "json")
    assert {row["segments"] for row in done.json["rows"]} == {"", "plan=pro", "plan=free"}


def test_a_segment_of_endless_values_is_refused(tmp_path):
    rows = "".join(f"u1,visit,2025-01-01,p{page}\n" for page in range(MOST_VALUES + 1))
    (tmp_path / "e.csv").write_text(EVENTS + rows)
    done = run("stickiness", "--events", tmp_path / "e.csv", "--active", "visit", "--by", "page")
    assert done.code == 2
    assert f"page has {MOST_VALUES + 1:,} values; a breakdown takes at most {MOST_VALUES:,}" in done.err


def test_a_mapping_to_empty_sql():
    done = run("report", "--sample", "--map", "events.value=sql: ")
    assert done.code == 2
    assert "the SQL is empty" in done.err
