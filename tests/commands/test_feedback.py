"""What comments are about, and whom to follow up: `nps --themes`, `csat --themes`, `nps --follow-up`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.commands import run

SURVEYS = """customer,survey,timestamp,score,comment
a,nps,2025-01-02T10:00:00Z,2,Too expensive
a,nps,2025-01-20T10:00:00Z,10,Better now
b,nps,2025-01-03T23:30:00Z,7,"The ""price"" again"
007,nps,2025-01-04T10:00:00Z,0,
007,nps,2025-01-04T09:00:00Z,9,early
c,nps,2025-01-05T10:00:00Z,8,fine price
,nps,2025-01-05T10:00:00Z,3,no name
d,csat,2025-01-06T10:00:00Z,1,slow answer
e,nps,2025-01-06T10:00:00Z,9,slow but good
"""
SUBSCRIPTIONS = """customer,plan,started,ended
b,free,2024-01-01T00:00:00Z,2025-01-10T00:00:00Z
b,pro,2025-01-10T00:00:00Z,
007,free,2024-01-01T00:00:00Z,2025-01-10T00:00:00Z
"""
CUSTOMERS = """customer,country
b,FR
c,BR
"""
THEMES = """version: 1
timezone: Europe/Paris
metrics:
  feedback_themes:
    type: themes
    themes: {price: [expensive, pric*], speed: [slow*]}
"""


@pytest.fixture
def exports(tmp_path: Path) -> list[object]:
    given: list[object] = []
    for name, text in (("surveys", SURVEYS), ("subscriptions", SUBSCRIPTIONS), ("customers", CUSTOMERS)):
        file = tmp_path / f"{name}.csv"
        file.write_text(text)
        given += [f"--{name}", file]
    (tmp_path / "engagement.yaml").write_text(THEMES)
    return [*given, "--config", tmp_path / "engagement.yaml", "--as-of", "2025-02-01", "--quiet"]


def listed(*arguments: object) -> dict[str, Any]:
    ran = run("nps", "--follow-up", *arguments, "--format", "json")
    assert ran.code == 0, ran.err
    return dict(ran.json)


def test_those_to_follow_up_are_the_latest_detractors_and_passives_the_newest_first(exports: list[object]) -> None:
    document = listed(*exports)
    assert document["view"] == "follow_up"
    assert document["rows"] == [
        # a has become a promoter; who is nobody cannot be asked; the plan is that of the report's end
        {"customer": "c", "answered": "2025-01-05T11:00:00+01:00", "class": "passive", "score": 8}
        | {"comment": "fine price", "plan": None},
        {"customer": "007", "answered": "2025-01-04T11:00:00+01:00", "class": "detractor", "score": 0}
        | {"comment": None, "plan": None},
        {"customer": "b", "answered": "2025-01-04T00:30:00+01:00", "class": "passive", "score": 7}
        | {"comment": 'The "price" again', "plan": "pro"},
    ]


def test_every_answer_can_be_followed_up_and_any_range(exports: list[object]) -> None:
    assert [row["customer"] for row in listed(*exports, "--answers", "all")["rows"]] == ["c", "007", "b", "a"]
    assert [row["customer"] for row in listed(*exports, "--until", "2025-01-03")["rows"]] == ["a"]
    assert listed(*exports, "--since", "2025-01-21")["rows"] == []


def test_a_breakdown_stands_in_place_of_the_plan(exports: list[object]) -> None:
    rows = listed(*exports, "--by", "country")["rows"]
    assert [(row["customer"], row["country"]) for row in rows] == [("c", "BR"), ("007", None), ("b", "FR")]
    assert all("plan" not in row for row in rows)


def test_the_list_as_a_table_and_as_csv(exports: list[object], tmp_path: Path) -> None:
    table = run("nps", "--follow-up", *exports)
    assert "1 detractor, 2 passives" in table.out
    assert "1 answer of nobody known left out" in table.out
    lines = [line for line in table.out.splitlines() if "passive " in line or "detractor " in line]
    assert lines[0].split() == ["c", "2025-01-05", "passive", "8", "fine", "price"]
    file = tmp_path / "list.csv"
    assert run("nps", "--follow-up", *exports, "--out", file).code == 0
    assert pl.read_csv(file, infer_schema=False)["customer"].to_list() == ["c", "007", "b"]


def test_themes_of_each_survey_are_those_configured(exports: list[object]) -> None:
    ran = run("nps", "--themes", *exports, "--format", "json")
    rows = {row["theme"]: row for row in ran.json["rows"]}
    assert {theme: (row["comments"], row["customers"], row["all_comments"]) for theme, row in rows.items()} == {
        "price": (3, 3, 7),
        "speed": (1, 1, 7),
        "(other)": (3, 3, 7),
    }
    # of price: 2, 7 and 8; of speed: 9
    assert rows["price"]["nps"] == pytest.approx(-100 / 3)
    assert rows["speed"]["nps"] == 100
    csat = run("csat", "--themes", *exports, "--format", "json").json
    assert {row["theme"]: row["comments"] for row in csat["rows"]} == {"speed": 1, "price": 0, "(other)": 0}
    assert csat["parameters"]["survey"] == "csat"


def test_the_words_of_a_survey_where_no_themes_are_configured(exports: list[object]) -> None:
    given = exports[: exports.index("--config")]
    ran = run("nps", "--themes", *given, "--quiet", "--by", "country")
    assert ran.code == 0, ran.err
    assert "All · " in ran.out
    assert "country=FR · " in ran.out


def test_two_tables_at_once_are_refused_and_so_is_a_survey_without_detractors(exports: list[object]) -> None:
    assert run("nps", "--themes", "--follow-up", *exports).code == 2
    other = run("nps", "csat", "--follow-up", *exports)
    assert other.code == 2
    assert "no detractors" in other.err
    both = run("nps", "--follow-up", *exports, "--by", "nothing")
    assert both.code == 2
    assert "nothing" in both.err


def test_explain_names_the_customers_behind_a_theme(exports: list[object]) -> None:
    ran = run("explain", "feedback_themes", *exports, "--ids", "--format", "json")
    assert ran.code == 0, ran.err


def test_a_named_metric_of_surveys_is_shown_as_what_it_is(exports: list[object]) -> None:
    (row,) = [row for row in run("nps", "csat", *exports, "--format", "json").json["rows"] if row["n"]]
    assert (row["csat"], row["n"]) == (0, 1)


def test_the_theme_of_most_comments_stands_for_them_all(exports: list[object]) -> None:
    facts = run("explain", "feedback_themes", *exports, "--format", "json").json["rows"]
    told = {row["item"]: row["text"] or row["number"] for row in facts if row["part"] == "Number"}
    assert (told["step"], told["numerator"], told["denominator"]) == ("price", 3, 8)
    behind = run("explain", "feedback_themes", *exports, "--ids", "--format", "json").json["rows"]
    assert {row["customer"] for row in behind if row["role"] == "numerator"} == {"a", "b", "c"}
