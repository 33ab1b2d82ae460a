"""Segment values that look like our own words: the missing value, the signs between names and values."""

from __future__ import annotations

from support.commands import run

HEADER = "user_id,event_name,occurred_at,campaign,medium\n"


def customers(tmp_path, rows, *by):
    path = tmp_path / "e.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    asked = [part for name in by for part in ("--by", name)]
    done = run("report", "--events", path, *asked, "--format", "json")
    assert done.code == 0
    rows_of_metric = [row for row in done.json["metrics"] if row["metric"] == "monthly_active_customers"]
    return {row["segments"]: row["value"] for row in rows_of_metric}


def test_an_exports_own_word_for_nothing_is_the_missing_value(tmp_path):
    rows = ["a,login,2025-01-01,(none),", "b,login,2025-01-01,,", "c,login,2025-01-01,spring,"]
    assert customers(tmp_path, rows, "campaign") == {"": 3, "campaign=(none)": 2, "campaign=spring": 1}


def test_values_that_hold_the_signs_between_names_do_not_stop_a_breakdown(tmp_path):
    rows = ["a,login,2025-01-01,x;medium=y,z", "b,login,2025-01-01,x,y;medium=z", "c,login,2025-01-01,k,m"]
    assert customers(tmp_path, rows, "campaign", "medium") == {
        "": 3,
        "campaign=k;medium=m": 1,
        "campaign=x;medium=y;medium=z": 2,
    }
