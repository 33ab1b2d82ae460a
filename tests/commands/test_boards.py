"""The boards: many metrics side by side, each with the number that `report` and `explain` show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.commands import run

EVENTS = """user_id,event_name,occurred_at,campaign,channel
a,ad_impression,2025-01-10T09:00:00Z,spring,ads
b,ad_impression,2025-02-10T09:00:00Z,spring,ads
b,ad_clicked,2025-02-10T09:01:00Z,spring,ads
b,ad_impression,2025-02-11T09:00:00Z,spring,ads
c,ad_impression,2025-02-12T09:00:00Z,brand,search
c,ad_clicked,2025-02-12T09:02:00Z,brand,search
c,purchase,2025-02-13T09:02:00Z,,
d,page_view,2025-03-01T00:00:00Z,,
"""
VIEWS = """
metrics:
  impressions: {type: aggregate, count: events, events: [ad_impression], label: Impressions}
  clicks: {type: aggregate, count: events, events: [ad_clicked], label: Clicks}
  ctr:
    type: ratio
    numerator: {count: events, events: [ad_clicked]}
    denominator: {count: events, events: [ad_impression]}
    unit: share
    label: Click-through rate
views:
  campaigns: {title: Spending, by: [campaign], metrics: [impressions, clicks, ctr, mrr]}
  social: {metrics: [impressions, ctr]}
"""


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    (tmp_path / "e.csv").write_text(EVENTS)
    (tmp_path / "engagement.yaml").write_text(VIEWS)
    return tmp_path


def board(folder: Path, name: str, *options: object) -> dict[str, Any]:
    ran = run(name, "--events", folder / "e.csv", "-c", folder / "engagement.yaml", *options, "--format", "json", "-q")
    assert ran.code == 0, ran.err
    return dict(ran.json)


def test_a_board_has_a_row_a_segment_of_the_latest_complete_period(exports: Path) -> None:
    document = board(exports, "campaigns")
    assert {"as_of", "through", "view", "parameters", "rows", "waterfall", "warnings"} == document.keys()
    rows = document["rows"]
    assert [row["campaign"] for row in rows] == [None, "spring", "brand"]
    assert [(row["impressions"], row["clicks"], row["ctr"]) for row in rows] == [
        (3, 2, 2 / 3),
        (2, 1, 1 / 2),
        (1, 1, 1),
    ]
    assert {(row["period_start"], row["period_end"], row["complete"]) for row in rows} == {
        ("2025-02-01", "2025-03-01", True)
    }
    assert "mrr" not in rows[0]
    assert rows[0]["ctr_n"] == 2


def test_without_a_segment_it_has_a_row_a_period(exports: Path) -> None:
    rows = board(exports, "social")["rows"]
    assert [(r["period_start"], r["impressions"], r["ctr"]) for r in rows[:2]] == [
        ("2025-01-01", 1, 0),
        ("2025-02-01", 3, 2 / 3),
    ]


def test_what_is_left_out_is_named_in_one_line(exports: Path) -> None:
    ran = run("campaigns", "--events", exports / "e.csv", "-c", exports / "engagement.yaml", "-q")
    assert ran.code == 0
    lines = [line for line in ran.out.splitlines() if line.startswith("Left out: ")]
    assert len(lines) == 1
    assert "Monthly recurring revenue" in lines[0]
    assert ran.out.startswith("Spending\n")


def test_an_unknown_metric_on_a_board_is_an_error_with_its_line(exports: Path) -> None:
    (exports / "engagement.yaml").write_text("views:\n  campaigns:\n    metrics: [ad_click_trough_rate]\n")
    ran = run("campaigns", "--events", exports / "e.csv", "-c", exports / "engagement.yaml")
    assert ran.code == 2
    assert "there is no metric 'ad_click_trough_rate'" in ran.err
    assert "engagement.yaml:3 views.campaigns.metrics[0]" in ran.err
    assert "did you mean 'ad_click_through_rate'" in ran.err


def test_a_metric_that_a_configuration_removes_leaves_the_inherited_board(exports: Path) -> None:
    (exports / "engagement.yaml").write_text("metrics: {orders: null}\n")
    rows = board(exports, "campaigns")["rows"]
    assert "orders" not in rows[0]


def test_a_segment_that_is_no_column_is_an_error(exports: Path) -> None:
    ran = run("campaigns", "--events", exports / "e.csv", "-c", exports / "engagement.yaml", "--by", "campain")
    assert ran.code == 2
    assert "no segment or column 'campain' in the exports" in ran.err
    assert "did you mean 'campaign'" in ran.err
