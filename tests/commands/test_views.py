"""The views' JSON, which others script against: exactly these keys, every cohort and interval of the range."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.commands import run

EVENTS = """user_id,event_name,occurred_at
a,$pageview,2020-06-10T09:00:00Z
a,paid,2020-06-10T10:00:00Z
a,$pageview,2020-06-12T09:00:00Z
b,$pageview,2020-06-11T09:00:00Z
b,$pageview,2020-06-20T23:00:00Z
c,$pageview,2020-06-20T12:00:00Z
c,$pageview,2020-06-22T12:00:00Z
"""


@pytest.fixture
def events(tmp_path: Path) -> Path:
    file = tmp_path / "e.csv"
    file.write_text(EVENTS)
    return file


def view(*arguments: object) -> dict[str, Any]:
    ran = run(*arguments, "--format", "json", "--quiet")
    assert ran.code == 0, ran.err
    document = ran.json
    assert {"as_of", "through", "view", "parameters", "rows", "waterfall", "warnings"} <= document.keys()
    assert document["view"] == arguments[0]
    return dict(document)


def test_retention_has_every_cohort_of_the_range_with_its_triangle(events: Path) -> None:
    options = ("--start", "$pageview", "--return", "$pageview", "--every", "day", "--intervals", 11)
    document = view("retention", "--events", events, *options, "--until", "2020-06-21")
    rows = document["rows"]
    keys = ["cohort_start", "cohort_size", "period", "eligible", "retained", "rate", "ci_low", "ci_high", "complete"]
    assert [list(row) for row in rows] == [keys] * 121
    assert sorted({row["cohort_start"] for row in rows}) == [f"2020-06-{day}" for day in range(10, 21)]
    size = {row["cohort_start"]: row["cohort_size"] for row in rows}
    assert [size[f"2020-06-{day}"] for day in range(10, 21)] == [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    first = {row["period"]: row["retained"] for row in rows if row["cohort_start"] == "2020-06-10"}
    assert [first[period] for period in range(4)] == [1, 0, 1, 0]
    assert not any(row["complete"] for row in rows if row["cohort_start"] == "2020-06-20" and row["period"] > 0)


def test_funnel(events: Path) -> None:
    options = ("--step", "$pageview", "--step", "paid", "--window", "14d", "--order", "sequential")
    rows = view("funnel", "--events", events, *options)["rows"]
    keys = [
        "step",
        "event",
        "customers",
        "open",
        "conversion_from_start",
        "conversion_from_previous",
        "ci_low",
        "ci_high",
    ]
    assert list(rows[0])[:10] == [*keys, "median_seconds", "mean_seconds"]
    assert [(row["step"], row["event"], row["customers"]) for row in rows] == [(1, "$pageview", 3), (2, "paid", 1)]
    assert rows[1]["median_seconds"] == 3600


def test_a_step_may_be_sql(events: Path) -> None:
    rows = view("funnel", "--events", events, "--step", "sql: event_name LIKE '$%'", "--step", "paid")["rows"]
    assert [row["customers"] for row in rows] == [3, 1]


def test_stickiness_counts_customers_by_intervals(events: Path) -> None:
    options = ("--active", "$pageview", "--since", "2020-06-10", "--until", "2020-06-20", "--every", "day")
    document = view("stickiness", "--events", events, *options)
    assert [list(row) for row in document["rows"]] == [["intervals", "customers_exactly", "customers_at_least"]] * 10
    assert [row["customers_exactly"] for row in document["rows"]] == [1, 1, *[0] * 8]
    assert document["totals"]["stickiness"] == pytest.approx(3 / 20)


def test_lifecycle_has_every_interval(events: Path) -> None:
    options = ("--active", "$pageview", "--since", "2020-06-11", "--until", "2020-06-14", "--every", "day")
    rows = view("lifecycle", "--events", events, *options)["rows"]
    assert rows == [
        {"period_start": "2020-06-11", "new": 1, "returning": 0, "resurrected": 0, "dormant": 1},
        {"period_start": "2020-06-12", "new": 0, "returning": 0, "resurrected": 1, "dormant": 1},
        {"period_start": "2020-06-13", "new": 0, "returning": 0, "resurrected": 0, "dormant": 1},
    ]


def test_parameters_say_by_what_a_view_was_divided(events: Path) -> None:
    options = ("--active", "$pageview", "--every", "day")
    assert view("lifecycle", "--events", events, *options)["parameters"]["by"] == []
    assert view("lifecycle", "--events", events, *options, "--by", "band")["parameters"]["by"] == ["band"]


def test_sessions_have_totals(events: Path) -> None:
    document = view("sessions", "--events", events, "--gap", "2h", "--every", "month")
    assert [row["sessions"] for row in document["rows"]] == [6]
    assert document["totals"]["sessions"] == 6
    assert document["totals"]["single_event_sessions"] == 5


def test_a_view_shows_the_number_of_the_report() -> None:
    report = run("report", "--sample", "--format", "json", "--quiet").json["metrics"]
    for name, arguments, column in [
        ("nps", ("nps",), "nps"),
        ("sessions", ("sessions",), "sessions"),
        ("subscription_churn", ("churn", "subscription_churn"), "churn_rate"),
    ]:
        rows = view(*arguments, "--sample")["rows"]
        mine = {
            row["period_start"]: row["value"] for row in report if row["metric"] == name and row["measure"] == column
        }
        assert {row["period_start"]: row[column] for row in rows} == mine


def test_an_unknown_event_is_suggested(events: Path) -> None:
    ran = run("funnel", "--events", events, "--step", "payed")
    assert ran.code == 2
    assert "did you mean 'paid'?" in ran.err


def test_what_is_missing_names_the_option_and_what_is_configured() -> None:
    ran = run("retention", "--sample")
    assert ran.code == 2
    assert "--start" in ran.err
    assert "week_4_retention" in ran.err


SUBSCRIPTIONS = """customer,plan,started,ended,mrr
a,pro,2025-01-01,,10
b,pro,2025-01-01,2025-02-10,30
c,free,2025-01-01,,0
"""


def test_churn_of_subscriptions_is_that_of_the_report_in_customers_and_in_money(tmp_path: Path) -> None:
    file = tmp_path / "s.csv"
    file.write_text(SUBSCRIPTIONS)
    given = ("--subscriptions", file, "--as-of", "2025-03-01", "--since", "2025-02-01")
    (row,) = view("churn", *given)["rows"]
    assert (row["start"], row["lost"], row["lost_mrr"], row["start_mrr"]) == (3, 1, 30, 40)
    report = run("report", *given, "--format", "json", "--quiet").json["metrics"]
    told = {r["measure"]: r["value"] for r in report if r["metric"] == "subscription_churn"}
    assert told == {"churn_rate": row["churn_rate"], "mrr_churn_rate": row["mrr_churn_rate"]}
    by_plan = view("churn", *given, "--measure", "mrr", "--by", "plan")["rows"]
    assert [(r["segments"], r["start"], r["churn"], r["moved"], r["mrr"]) for r in by_plan] == [
        ("", 40, 30, 0, 10),
        ("plan=free", 0, 0, 0, 0),
        ("plan=pro", 40, 30, 0, 10),
    ]


def test_churn_without_subscriptions_is_falling_silent(events: Path) -> None:
    rows = view("churn", "--events", events)["rows"]
    assert "inactivity_rate" in rows[0]


def test_clv_is_the_number_of_the_report_and_of_the_customer_table() -> None:
    simple = run("clv", "--sample", "--format", "json", "--quiet").json["rows"][0]
    report = run("explain", "customer_lifetime_value", "--sample", "--format", "json", "--quiet").json["rows"]
    assert simple["clv"] == next(row["number"] for row in report if row["item"] == "value")
    observed = run("clv", "--sample", "--method", "observed", "--format", "json", "--quiet").json["rows"][0]
    table = run("customers", "--sample", "--column", "purchase_days", "--format", "json", "--quiet").json["rows"]
    buyers = [row["purchase_days"] for row in table if row["purchase_days"]]
    assert observed["n"] == len(buyers)
    assert observed["frequency"] == pytest.approx(sum(days - 1 for days in buyers) / len(buyers))


def test_clv_refuses_what_does_not_go_with_its_method() -> None:
    done = run("clv", "--sample", "--method", "observed", "--lifespan", "3")
    assert done.code == 2
    assert "lifespan: goes with method: simple" in done.err
