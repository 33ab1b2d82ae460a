"""The views of paths and abandonment: from options alone, from the catalogue, at narrow and wide terminals."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import run

EVENTS = """user_id,event_name,occurred_at,shipping_fee
a,visit,2025-01-01T10:00:00Z,
a,add_to_cart,2025-01-01T10:05:00Z,4.90
b,visit,2025-01-01T10:00:00Z,
b,add_to_cart,2025-01-01T10:05:00Z,0
b,purchase,2025-01-01T10:10:00Z,
c,add_to_cart,2025-01-02T10:05:00Z,0
c,purchase,2025-01-02T10:10:00Z,
d,add_to_cart,2025-01-02T10:05:00Z,4.90
"""
NUMBERS = ["count", "share", "ci_low", "ci_high", "occurrences", "customers", "median_seconds"]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    file = tmp_path / "e.csv"
    file.write_text(EVENTS)
    return file


def test_paths_without_an_anchor_are_events_and_what_is_next(events: Path) -> None:
    document = run("paths", "--events", events, "--format", "json", "-q").json
    assert [list(row) for row in document["rows"]] == [["event", "next_event", *NUMBERS]] * len(document["rows"])
    found = [(row["event"], row["next_event"], row["count"], row["occurrences"]) for row in document["rows"]]
    assert found == [
        ("add_to_cart", "(exit)", 2, 4),
        ("add_to_cart", "purchase", 2, 4),
        ("purchase", "(exit)", 2, 2),
        ("visit", "add_to_cart", 2, 2),
    ]
    assert [row["event"] for row in document["totals"]["exits"]] == ["add_to_cart", "purchase"]


def test_paths_after_and_before_an_event(events: Path) -> None:
    after = run("paths", "--events", events, "--from", "visit", "--depth", 2, "--format", "json", "-q").json
    assert [list(row) for row in after["rows"]] == [["path", *NUMBERS]] * 2
    assert [row["path"] for row in after["rows"]] == ["visit → add_to_cart → (exit)", "visit → add_to_cart → purchase"]
    before = run("paths", "--events", events, "--to", "sql: event = 'purchase'", "--format", "json", "-q").json
    assert [row["path"].split(" → ")[0] for row in before["rows"]] == ["(start)", "(start)"]
    assert [row["event"] for row in before["totals"]["starts"]] == ["add_to_cart", "visit"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--from", "visit", "--to", "purchase"), "a funnel has both"),
        (("--depth", 3), "goes with from: or to:"),
        (("--window", "7d", "--gap", "1h"), "instead of a session"),
        (("--from", "vist"), "did you mean 'visit'?"),
        (("--top", 0), "must be at least 1"),
        (("--from", "visit", "--depth", 21), "must be at most 20"),
    ],
)
def test_what_paths_cannot_mean_is_said(events: Path, options: tuple[object, ...], said: str) -> None:
    ran = run("paths", "--events", events, *options)
    assert ran.code == 2
    assert said in ran.err


def test_carts_by_a_shipping_fee(events: Path) -> None:
    document = run("abandonment", "--events", events, "--property", "shipping_fee", "--format", "json", "-q").json
    assert document["parameters"]["every"] == "total"
    whole, *values = document["rows"]
    assert (whole["property"], whole["customers"], whole["abandoned"]) == ("", 4, 2)
    told = {row["value"]: (row["abandonment"], row["others_rate"], row["difference"]) for row in values}
    assert told == {"4.90": (1.0, 0.0, 100.0), "0": (0.0, 1.0, -100.0)}
    funnel = run("funnel", "--events", events, "--step", "add_to_cart", "--step", "purchase", "--by", "shipping_fee")
    assert "shipping_fee=4.90" in funnel.out


def test_carts_as_the_catalogue_has_them_or_other_steps(events: Path) -> None:
    rows = run("abandonment", "--events", events, "--format", "json", "-q").json["rows"]
    assert [(row["period_start"], row["abandonment"]) for row in rows] == [("2025-01-01", 0.5)]
    options = ("--step", "visit", "--step", "purchase", "--format", "json", "-q")
    assert [row["abandonment"] for row in run("abandonment", "--events", events, *options).json["rows"]] == [0.5]
    report = run("report", "--events", events, "--format", "json", "-q").json["metrics"]
    assert [row["value"] for row in report if row["metric"] == "cart_abandonment"] == [0.5]


def test_a_property_that_no_export_has_is_suggested(events: Path) -> None:
    ran = run("abandonment", "--events", events, "--property", "shiping_fee")
    assert ran.code == 2
    assert "did you mean 'shipping_fee'?" in ran.err


VIEWS: list[tuple[object, ...]] = [
    ("paths",),
    ("paths", "--from", "signup", "--by", "channel"),
    ("paths", "paths_to_purchase", "--every", "month", "--top", 3),
    ("abandonment",),
    ("abandonment", "--property", "device", "--property", "country"),
    ("funnel", "repeat_purchase_90d"),
]


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: " ".join(map(str, view)))
def test_the_sample_fits(view: tuple[object, ...], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    ran = run(*view, "--sample", "-q")
    assert ran.code == 0
    assert max(len(line) for line in ran.out.splitlines()) <= width
