"""The boards: many metrics side by side, each with the number that `report` and `explain` show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.catalogue import sample_session
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
    assert "expects" not in ran.err  # what the board divides by is beside the point where --by names another


@pytest.mark.parametrize(
    ("name", "options", "explained"),
    [
        ("campaigns", (), ["email_open_rate", "campaign_conversion", "landing_time", "roas"]),
        ("campaigns", ("--by", "channel", "--every", "total"), ["campaign_clicks", "cost_per_click"]),
        ("features", ("--every", "week"), ["feature_uses_per_user"]),
    ],
)
def test_a_number_of_a_board_is_the_one_that_explain_shows(
    name: str, options: tuple[str, ...], explained: list[str]
) -> None:
    document = run(name, "--sample", *options, "--format", "json", "-q").json
    (by,) = document["parameters"]["by"]
    given = options if "--by" in options else ("--by", by, *options)
    for metric in explained:
        facts = run("explain", metric, "--sample", *given, "--format", "json", "-q").json["rows"]
        said = {(f["part"], f["item"]): f for f in facts}
        assert len(document["rows"]) > 2
        for row in document["rows"]:
            part = "Number" if row[by] is None else f"{by}={row[by]}"
            if (part, "measure") not in said:
                assert row[metric] is None
                continue
            assert said[part, "value"]["number"] == row[metric]
            assert said.get((part, "95 % interval, low"), {"number": None})["number"] == row.get(f"{metric}_ci_low")
            if row[metric] is not None:
                assert said[part, "from"]["text"] == row.get(f"{metric}_period_start", row["period_start"])


@pytest.mark.parametrize("name", ["support"])
def test_every_number_of_a_board_through_time_is_that_of_the_report(name: str) -> None:
    document = run(name, "--sample", "--every", "week", "--format", "json", "-q").json
    session = sample_session()
    rows = document["rows"]
    metrics = [metric for metric in document["parameters"]["metrics"] if metric in rows[0]]
    assert len(metrics) >= 7
    reported = run("report", "--sample", "--every", "week", "--format", "json", "-q").json["metrics"]
    primary: dict[str, str] = {}
    for row in reported:
        primary.setdefault(row["metric"], row["measure"])
    values = {
        (row["metric"], row["period_start"], row["period_end"]): row["value"]
        for row in reported
        if row["measure"] == primary[row["metric"]] and not row["segments"]
    }
    compared = [m for m in metrics if m in primary and "every" not in session.settings.metrics[m].model_fields_set]
    assert len(compared) >= 3
    for metric in compared:
        for row in rows:
            assert row[metric] == values.get((metric, row["period_start"], row["period_end"]))


def test_the_unique_ones_count_once_and_costs_make_a_return(exports: Path) -> None:
    (exports / "engagement.yaml").write_text("costs: {campaign: {spring: 10, brand: 4}}\n")
    rows = {row["campaign"]: row for row in board(exports, "campaigns", "--every", "total")["rows"]}
    assert rows["spring"]["impressions"] == 3
    assert rows["spring"]["ad_click_through_rate"] == pytest.approx(1 / 3)
    assert rows["spring"]["clickers_of_reached"] == pytest.approx(1 / 2)
    assert [rows[c]["campaign_cost"] for c in (None, "spring", "brand")] == [14, 10, 4]
    assert [rows[c]["cost_per_click"] for c in (None, "spring", "brand")] == [7, 10, 4]
    assert rows["brand"]["campaign_conversion"] == 1


def test_costs_without_dates_have_no_month_and_the_table_says_why(exports: Path) -> None:
    (exports / "engagement.yaml").write_text("costs: {campaign: {spring: 10, brand: 4}}\n")
    rows = board(exports, "campaigns")["rows"]
    assert {row["campaign_cost"] for row in rows} == {None}
    ran = run("campaigns", "--events", exports / "e.csv", "-c", exports / "engagement.yaml", "-q")
    assert "¢ costs without dates: told for the whole range alone (--every total)" in " ".join(ran.out.split())


def test_where_leaves_costs_of_the_configuration_out_rather_than_whole(exports: Path) -> None:
    (exports / "engagement.yaml").write_text("costs: {campaign: {spring: 10, brand: 4}}\n")
    rows = board(exports, "campaigns", "--every", "total", "--where", "channel = 'ads'")["rows"]
    assert rows[0]["impressions"] == 3
    assert "campaign_cost" not in rows[0]
    assert "cost_per_click" not in rows[0]


@pytest.mark.parametrize(
    ("name", "columns"), [("campaigns", 60), ("campaigns", 80), ("campaigns", 160), ("social", 80), ("features", 60)]
)
def test_a_board_fits_the_terminal(name: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = run(name, "--sample", "-q")
    assert max(len(line) for line in ran.out.splitlines()) <= columns
    left_out = [line for line in ran.out.splitlines() if line.startswith("To fit")]
    assert left_out == [] or name in ("social", "support")


def test_a_board_in_markdown_and_csv_has_everything(exports: Path) -> None:
    common = ("campaigns", "--events", exports / "e.csv", "-c", exports / "engagement.yaml", "-q")
    assert "| spring | 2 | 1 | 50.0 %" in run(*common, "--format", "md").out.replace(" †", "")
    header, *lines = run(*common, "--format", "csv").out.splitlines()
    assert header.startswith("campaign,period_start,period_end,complete,impressions,clicks,ctr,ctr_ci_low,ctr_ci_high")
    assert len(lines) == 3


def test_more_segments_than_a_page_holds_are_counted(tmp_path: Path) -> None:
    rows = [f"u{i},ad_impression,2025-01-{i % 28 + 1:02}T10:00:00Z,c{i:03}" for i in range(60)]
    (tmp_path / "e.csv").write_text("\n".join(["user_id,event_name,occurred_at,campaign", *rows]) + "\n")
    ran = run("campaigns", "--events", tmp_path / "e.csv", "--every", "total", "-q")
    assert "20 more segments (--format csv has everything)" in ran.out
    assert (
        len(
            run(
                "campaigns", "--events", tmp_path / "e.csv", "--every", "total", "-q", "--format", "ndjson"
            ).out.splitlines()
        )
        == 61
    )


def test_a_board_of_one_s_own_has_a_command_too(exports: Path) -> None:
    (exports / "engagement.yaml").write_text(VIEWS + "  reach: {by: [channel], metrics: [impressions]}\n")
    common = ("-c", exports / "engagement.yaml", "--events", exports / "e.csv", "--format", "json", "-q")
    document = run("board", "reach", *common).json
    assert document["view"] == "reach"
    assert [(row["channel"], row["impressions"]) for row in document["rows"]] == [(None, 3), ("ads", 2), ("search", 1)]
    wrong = run("board", "raech", *common)
    assert (wrong.code, "did you mean 'reach'?" in wrong.err) == (2, True)


def test_1_000_impressions_with_100_clicks_have_a_click_through_rate_of_10_percent(tmp_path: Path) -> None:
    rows = [f"u{i % 400},ad_impression,2025-01-10T09:{i % 60:02}:00Z,spring" for i in range(1000)]
    rows += [f"u{i},ad_clicked,2025-01-11T09:{i % 60:02}:00Z,spring" for i in range(100)]
    rows += ["u0,login,2025-01-01T00:00:00Z,", "u0,login,2025-02-01T00:00:00Z,"]
    (tmp_path / "e.csv").write_text("\n".join(["user_id,event_name,occurred_at,campaign", *rows]) + "\n")
    document = run("campaigns", "--events", tmp_path / "e.csv", "--format", "json", "-q").json
    spring = next(row for row in document["rows"] if row["campaign"] == "spring")
    assert spring["period_start"] == "2025-01-01"
    assert (spring["impressions"], spring["campaign_clicks"]) == (1000, 100)
    assert spring["ad_click_through_rate"] == pytest.approx(0.1)
    assert spring["clickers_of_reached"] == pytest.approx(100 / 400)


def test_a_mean_of_zero_has_a_row_and_a_count_of_zero_alone_has_none(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("customer,acquisition_cost,signup_channel\na,0,direct\nb,30,ads\nc,,press\n")
    (tmp_path / "e.csv").write_text("customer,event,timestamp\na,login,2025-01-01\nb,purchase,2025-01-31\n")
    (tmp_path / "v.yaml").write_text("views: {own: {by: [signup_channel], metrics: [acquisition_cost, buyers]}}\n")
    paths = ("--customers", tmp_path / "c.csv", "--events", tmp_path / "e.csv", "-c", tmp_path / "v.yaml")
    rows = run("board", "own", *paths, "--every", "total", "--format", "json", "-q").json["rows"]
    found = {row["signup_channel"]: (row["acquisition_cost"], row["buyers"]) for row in rows}
    assert found == {None: (15, 1), "ads": (30, 1), "direct": (0, None)}


def test_what_cannot_be_divided_is_named_in_one_line(exports: Path) -> None:
    (exports / "engagement.yaml").write_text("costs: {campaign: {spring: 10, brand: 4}}\n")
    common = ("--events", exports / "e.csv", "-c", exports / "engagement.yaml", "--every", "total", "-q")
    ran = run("campaigns", *common, "--by", "channel")
    (line,) = (line for line in ran.out.splitlines() if line.startswith("Not divided by channel: "))
    assert line.endswith("Cost, Cost per click")
    assert "Not divided by campaign: Cost" not in run("campaigns", *common).out


def test_a_row_is_complete_where_all_that_it_has_is(exports: Path) -> None:
    assert {row["complete"] for row in run("campaigns", "--sample", "--format", "json", "-q").json["rows"]} == {True}
    rows = board(exports, "social")["rows"]
    assert [(row["period_start"], row["complete"]) for row in rows] == [
        ("2025-01-01", False),
        ("2025-02-01", True),
        ("2025-03-01", False),
    ]
