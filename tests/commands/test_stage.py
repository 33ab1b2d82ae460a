"""`--stage`: the metrics of one stage of the customer's journey, in the report and in the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from support.commands import run

from engagement_cli.commands.options import StageName
from engagement_cli.settings.metric import Stage

EVENTS = """user_id,event_name,occurred_at
a,signup,2025-01-01T10:00:00Z
a,login,2025-01-02T10:00:00Z
b,purchase,2025-01-03T10:00:00Z
"""


def test_the_options_know_the_stages_of_entries() -> None:
    assert get_args(StageName) == get_args(Stage)


def test_a_report_of_one_stage_has_all_of_its_metrics_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(EVENTS)
    whole = run("report", "--events", tmp_path / "e.csv", "--format", "json", "-q").json["metrics"]
    part = run("report", "--events", tmp_path / "e.csv", "--format", "json", "-q", "--stage", "acquisition").json[
        "metrics"
    ]
    assert {row["stage"] for row in part} == {"acquisition"}
    assert part == [row for row in whole if row["stage"] == "acquisition"]


def test_the_catalogue_is_listed_by_stage() -> None:
    whole = run("metrics", "list", "--format", "json").json["rows"]
    for stage in get_args(StageName):
        part = run("metrics", "list", "--format", "json", "--stage", stage).json["rows"]
        assert part == [row for row in whole if row["stage"] == stage]
        assert part


def test_a_stage_that_is_none_is_a_usage_mistake() -> None:
    ran = run("report", "--sample", "--stage", "checkout")
    assert ran.code == 2
    assert "loyalty" in ran.err


def test_a_configuration_without_metrics_of_the_stage_says_so(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_text(EVENTS)
    (tmp_path / "c.yaml").write_text(
        "version: 1\nextends: none\nmetrics:\n  n: {type: aggregate, count: events, stage: use}\n"
    )
    ran = run("report", "-c", tmp_path / "c.yaml", "--events", tmp_path / "e.csv", "--stage", "support")
    assert ran.code == 2
    assert "no metric is of the stage support" in ran.err
