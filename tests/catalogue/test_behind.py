"""The customers behind a number, on small exports: what each brings, whoever they are, in however many buckets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engagement_cli.catalogue.behind import customers_behind, of_number
from engagement_cli.engines.plan import Limits
from engagement_cli.metrics.registry import PARAMETERS
from engagement_cli.pipeline import Question, ask
from engagement_cli.settings.model import Settings
from engagement_cli.settings.values import parse_instant
from engagement_cli.sources.exports import Overrides, open_exports
from engagement_cli.timeline.clock import Range

EVENTS = """customer,event,timestamp,value
0001,visit,2025-01-01T10:00:00Z,
0001,visit,2025-01-01T11:00:00Z,
0001,buy,2025-01-01T12:00:00Z,10.5
a;b=c,visit,2025-01-02T10:00:00Z,
a;b=c,buy,2025-01-02T11:00:00Z,2
NA,visit,2025-01-02T12:00:00Z,
NA,buy,2025-01-02T13:00:00Z,0.25
,visit,2025-01-02T14:00:00Z,
,buy,2025-01-02T15:00:00Z,100
"""
RATIO: dict[str, Any] = {
    "type": "ratio",
    "every": "total",
    "numerator": {"sum": "value", "events": ["buy"]},
    "denominator": {"count": "events", "events": ["visit"]},
}


def behind(
    folder: Path, entries: dict[str, dict[str, Any]], name: str, buckets: int = 1, events: str = EVENTS
) -> pl.DataFrame:
    file = folder / "events.csv"
    file.write_text(events)
    metrics = {n: PARAMETERS[e["type"]].model_validate(e) for n, e in entries.items()}
    question = Question(
        settings=Settings(),
        exports=open_exports(Settings(), None, Overrides(paths={"events": (str(file),)})),
        metrics=metrics,
        range=Range(as_of=parse_instant("2025-01-03")),
        limits=Limits(buckets=buckets),
        customer_rows=customers_behind(name, metrics),
        keep_ids=True,
    )
    outcome = ask(question)
    assert outcome.merged.customer_rows is not None
    finished = next(m for m in outcome.answer.metrics if m.name == name)
    measure = finished.view.measures[0].column
    row = finished.rows.filter(pl.col("measure") == measure, pl.col("segments") == "").row(-1, named=True)
    return of_number(outcome.merged.customer_rows, row)


@pytest.mark.parametrize("buckets", [1, 7])
def test_each_customer_s_part_above_and_below_the_line(tmp_path: Path, buckets: int) -> None:
    found = behind(tmp_path, {"it": RATIO}, "it", buckets)
    assert found.rows() == [
        ("", "0001", "numerator", 10.5),
        ("", "NA", "numerator", 0.25),
        ("", "a;b=c", "numerator", 2.0),
        ("", "0001", "denominator", 2.0),
        ("", "NA", "denominator", 1.0),
        ("", "a;b=c", "denominator", 1.0),
    ]


def test_a_breakdown_keeps_its_segments_beside_ids_that_look_like_segments(tmp_path: Path) -> None:
    found = behind(tmp_path, {"it": {**RATIO, "by": ["event"]}}, "it")
    assert found.filter(pl.col("customer") == "a;b=c").rows() == [
        ("event=buy", "a;b=c", "numerator", 2.0),
        ("event=visit", "a;b=c", "denominator", 1.0),
    ]


def test_a_count_of_customers_counts_each_once_in_its_own_period(tmp_path: Path) -> None:
    entry = {"type": "aggregate", "count": "customers", "events": ["buy"], "every": "day"}
    assert behind(tmp_path, {"it": entry}, "it")["customer"].to_list() == ["NA", "a;b=c"]


def test_a_trailing_window_has_all_of_its_customers(tmp_path: Path) -> None:
    entry = {"type": "active", "active": "visit", "trailing": "2d", "every": "day"}
    found = behind(tmp_path, {"it": entry}, "it", 7)
    assert found.rows() == [("", who, "counted", 1.0) for who in ("0001", "NA", "a;b=c")]


def test_a_formula_lists_its_operands_by_measure(tmp_path: Path) -> None:
    entries: dict[str, dict[str, Any]] = {
        "revenue": {"type": "aggregate", "sum": "value", "events": ["buy"], "every": "day"},
        "visits": {"type": "sessions", "events": "visit", "every": "day"},
        "it": {"type": "derived", "formula": "revenue / visits.customers", "every": "day"},
    }
    assert behind(tmp_path, entries, "it").rows() == [
        ("", "NA", "revenue", 0.25),
        ("", "a;b=c", "revenue", 2.0),
        ("", "NA", "visits.customers", 1.0),
        ("", "a;b=c", "visits.customers", 1.0),
    ]


def test_of_a_funnel_s_step_those_who_reach_it_and_those_who_enter(tmp_path: Path) -> None:
    entries: dict[str, dict[str, Any]] = {
        "trip": {"type": "funnel", "steps": ["visit", "buy"], "every": "month"},
        "it": {"type": "derived", "formula": "1 - trip[buy]", "every": "month"},
    }
    found = behind(tmp_path, entries, "it")
    whole = behind(tmp_path, {"it": entries["trip"]}, "it")
    assert found.height > 0
    assert found.with_columns(pl.col("role").str.strip_prefix("trip[buy] ")).rows() == whole.rows()


CONTENTS = """customer,event,timestamp,content,ticket
f,login,2024-11-01T10:00:00Z,,
a,share,2025-01-01T10:00:00Z,x,
b,share,2025-01-01T12:00:00Z,x,
c,share,2025-01-02T12:00:00Z,x,
c,opened,2025-01-02T12:00:00Z,,1
,resolved,2025-01-02T13:00:00Z,,1
d,opened,2025-01-02T12:00:00Z,,2
e,resolved,2025-01-02T15:00:00Z,,2
"""


@pytest.mark.parametrize("buckets", [1, 7, 64])
@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        # Each shared x once, since it appeared with a: a and b within 24 hours, c after.
        (
            {"type": "velocity", "events": "share", "content": "content"},
            {("a", "counted"): 1 / 24, ("b", "counted"): 1 / 24},
        ),
        # New for one day after the share of a: none of them came later.
        (
            {"type": "new_content", "events": "share", "content": "content", "new": "1d"},
            {(who, role): 1 for who in "abc" for role in ("numerator", "denominator")},
        ),
        # Whoever closed the tickets, it is their openers who stand behind the time.
        (
            {"type": "elapsed", "start": "opened", "end": "resolved", "key": "ticket"},
            {("c", "counted"): 3600, ("d", "counted"): 10_800},
        ),
    ],
)
def test_of_what_customers_share_each_brings_what_the_others_make_of_it(
    tmp_path: Path, entry: dict[str, Any], expected: dict[tuple[str, str], float], buckets: int
) -> None:
    found = behind(tmp_path, {"it": {**entry, "every": "total"}}, "it", buckets, CONTENTS)
    brought = {(row["customer"], row["role"]): row["amount"] for row in found.to_dicts()}
    assert brought == {key: pytest.approx(value) for key, value in expected.items()}
