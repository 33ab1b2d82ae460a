"""`explain`: every metric of the catalogue, that what it says adds up, and the customers behind the number."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
from support.catalogue import sample_behind, sample_outcome, sample_session
from typer.testing import CliRunner

from engagement_cli.app import program
from engagement_cli.catalogue.behind import of_number
from engagement_cli.commands.explained_number import Number, number_of
from engagement_cli.commands.explanation import explanation
from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import METRIC_TYPES
from engagement_cli.render.pages.report_cells import WORSE, cells

SETTINGS = sample_session().settings
METRICS = SETTINGS.metrics
# What a customer's own rows give adds up for counts, sums and quotients, not for these.
NOT_ADDITIVE = {"clv", "score", "survey", "velocity"}
MEDIANS = {name for name, p in METRICS.items() if p.type == "elapsed" and getattr(p, "measure", "") == "median"}
SAMPLE = Path(__file__).parents[2] / "sample_data"
# Rows of the audience belong to nobody; of a ratio, one side may.
SOURCES = {name: METRIC_TYPES[p.type].needs(p, SETTINGS).sources for name, p in METRICS.items()}
OF_NOBODY = {name for name, sources in SOURCES.items() if sources == {"audience"}}
HALF_OF_NOBODY = {name for name, sources in SOURCES.items() if "audience" in sources} - OF_NOBODY


def run(*words: str) -> str:
    result = CliRunner().invoke(program(), list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def number(name: str) -> Number:
    return number_of(name, METRICS, sample_outcome(), SETTINGS)


def facts(name: str) -> dict[tuple[str, str], dict[str, object]]:
    rows = explanation(sample_session(), number(name)).to_dicts()
    return {(row["part"], row["item"]): row for row in rows}


def behind(name: str) -> pl.DataFrame:
    return of_number(sample_behind().filter(pl.col("metric") == name), number(name).headline.row)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_explained(name: str) -> None:
    told = facts(name)
    assert told["Definition", "metric"]["text"] == name
    assert told["Definition", "definition"]["text"]
    assert told["Definition", "description"]["text"] == METRICS[name].description
    assert told["Number", "value"]["number"] == number(name).headline.row["value"]
    assert told["Number", "value"]["unit"] == number(name).finished.view.measures[0].unit
    assert told["Number", "period"]["text"]
    assert told["Number", "kind of interval"]["text"]
    assert any(part.startswith("Rows of ") for part, _ in told)


@pytest.mark.parametrize("name", [name for name in METRICS if "events" in number(name).needs.sources])
def test_the_rows_that_a_metric_matches_are_among_those_used(name: str) -> None:
    told = facts(name)
    matched, used = (told["Rows of events", item]["number"] for item in ("matched by this metric", "used"))
    assert isinstance(matched, float) and isinstance(used, float)
    assert 0 < matched <= used


def test_flags_are_told_in_words() -> None:
    assert facts("csat")["Number", "flags"]["text"] == "small n (under 30)"
    assert facts("buyers")["Number", "flags"]["text"] == "none"


def test_the_waterfall_runs_from_the_rows_read_to_those_matched() -> None:
    rows = explanation(sample_session(), number("buyers")).filter(pl.col("part") == "Rows of events")
    told = dict(zip(rows["item"], rows["number"], strict=True))
    assert list(told) == [
        "read",
        "− unparseable",
        "− duplicate",
        "used",
        "of these without a customer",
        "matched by this metric",
    ]
    assert told["read"] - told["− unparseable"] - told["− duplicate"] == told["used"]


def test_what_a_selection_takes_is_listed_by_the_export_s_own_event_names() -> None:
    told = facts("uploads")
    part = "Selected: photo_upload or video_upload or upload"
    each = [float(str(row["number"])) for (at, item), row in told.items() if at == part and item != "rows"]
    assert len(each) == 2  # the sample has no plain upload
    assert sum(each) == told[part, "rows"]["number"] == told["Rows of events", "matched by this metric"]["number"]


def test_active_is_explained_in_words() -> None:
    told = facts("monthly_active_customers")
    assert told["Selected: active", "rows"]["text"] == "active is every event of weight above zero"
    assert ("Selected: active", "event email_delivered") not in told


@pytest.mark.parametrize("name", [n for n, p in METRICS.items() if p.type in ("survey", "subscription")])
def test_of_surveys_and_subscriptions_the_rows_matched_are_told(name: str) -> None:
    told, source = facts(name), f"{METRICS[name].type}s"
    matched, used = (told[f"Rows of {source}", item]["number"] for item in ("matched by this metric", "used"))
    assert isinstance(matched, float) and isinstance(used, float)
    assert 0 < matched <= used


def test_of_surveys_the_answers_of_that_kind_are_the_rows_matched() -> None:
    told, surveys = facts("nps"), pl.read_csv(SAMPLE / "surveys.csv")
    assert (
        told["Rows of surveys", "matched by this metric"]["number"] == surveys.filter(pl.col("survey") == "nps").height
    )
    assert told["Number", "n (answers)"]["number"] == number("nps").headline.row["n"]


def test_a_metric_of_the_audience_matches_its_rows() -> None:
    told = facts("reach")
    assert told["Rows of audience", "matched by this metric"]["number"] == told["Rows of audience", "used"]["number"]


def test_a_derived_metric_tells_the_rows_of_what_it_reads() -> None:
    told = facts("subscriber_lifetime_value")
    assert {item for _, item in told if item.startswith("matched by ")} == {
        "matched by arpu",
        "matched by subscription_churn",
    }


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ((), "2024-10-01 to the last row, 2025-07-01 23:32:58"),
        (("--since", "2025-01-01", "--until", "2025-04-01"), "2025-01-01 to 2025-03-31"),
        (("--until", "2025-04-01T12:00:00Z"), "2024-10-01 to before 2025-04-01 12:00"),
        (("--as-of", "2025-06-01"), "2024-10-01 to 2025-05-31"),
    ],
)
def test_the_range_is_told_in_people_s_words(options: tuple[str, ...], text: str) -> None:
    document = json.loads(run("explain", "buyers", "--sample", "-q", "--format", "json", *options))
    told = {(row["part"], row["item"]): row["text"] for row in document["rows"]}
    assert told["Filters", "range"] == text


def test_filters_and_the_range_are_named() -> None:
    told = facts("buyers")
    assert told["Filters", "duplicates"]["text"] == "left out by id"
    assert told["Filters", "complete before"]["text"] == "2025-07-01"
    assert facts("page_views_per_visitor")["Filters", "where"]["text"] == "customer IS NOT NULL"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("buyers", "none"),
        ("mrr", "none"),
        ("week_4_retention", "Wilson"),
        ("subscription_churn", "Wilson"),
        ("csat", "Wilson"),
        ("visit_frequency", "customer-clustered"),
        ("stickiness", "customer-clustered"),
        ("average_rating", "customer-clustered"),
        ("nps", "normal"),
    ],
)
def test_the_kind_of_interval_is_named(name: str, kind: str) -> None:
    assert str(facts(name)["Number", "kind of interval"]["text"]).startswith(kind)


def test_what_a_metric_leaves_out_is_told_apart_from_what_it_matches() -> None:
    told = facts("sessions")
    (left_out,) = (f["number"] for (part, item), f in told.items() if part.startswith("Left out: ") and item == "rows")
    matched, used = (told["Rows of events", item]["number"] for item in ("matched by this metric", "used"))
    assert left_out > 0
    assert matched + left_out == used


@pytest.mark.parametrize("name", ["first_response_time", "resolution_time"])
def test_a_median_says_why_it_has_no_interval(name: str) -> None:
    assert "quantiles are exact" in str(facts(name)["Number", "kind of interval"]["text"])


def test_a_rate_has_numerator_and_denominator() -> None:
    told = facts("subscription_churn")
    above, below = (told["Number", item]["number"] for item in ("numerator", "denominator"))
    assert isinstance(above, float) and isinstance(below, float)
    assert told["Number", "value"]["number"] == pytest.approx(above / below)


@pytest.mark.parametrize(
    "name", [n for n, p in METRICS.items() if not p.metrics_read() and "audience" not in SOURCES[n]]
)
def test_what_the_customers_behind_a_number_bring_adds_up_to_it(name: str) -> None:
    row = number(name).headline.row
    sums = behind(name).group_by("role").agg(pl.col("amount").sum(), n=pl.len())
    found = {r["role"]: r for r in sums.to_dicts()}
    if "denominator" in found:
        assert found["denominator"]["amount"] == pytest.approx(row["denominator"])
        assert found["denominator"]["n"] == row["n"]
        assert found.get("numerator", {"amount": 0})["amount"] == pytest.approx(row["numerator"])
    elif METRICS[name].type in NOT_ADDITIVE or name in MEDIANS:
        assert found.keys() == {"counted"}
    else:
        assert found.get("counted", {"amount": 0})["amount"] == pytest.approx(row["value"])


@pytest.mark.parametrize("name", sorted(OF_NOBODY))
def test_behind_rows_that_belong_to_no_customer_is_nobody(name: str) -> None:
    assert behind(name).height == 0


@pytest.mark.parametrize("name", sorted(HALF_OF_NOBODY))
def test_behind_a_ratio_to_the_audience_are_the_customers_above_the_line(name: str) -> None:
    assert set(behind(name)["role"]) == {"numerator"}
    assert behind(name)["amount"].sum() == pytest.approx(number(name).headline.row["numerator"])


def test_behind_exports_of_nobody_alone_is_nobody() -> None:
    text = run("explain", "followers", "--audience", str(SAMPLE / "audience.csv"), "-q", "--ids", "--format", "csv")
    assert text.splitlines() == ["customer,role,amount"]


def test_behind_a_derived_metric_are_the_customers_of_its_operands_by_measure() -> None:
    assert set(behind("quick_ratio")["role"]) == {
        "new_customers.new",
        "new_customers.resurrected",
        "new_customers.dormant",
    }
    dormant = behind("dormant_customers")
    assert dormant.height == number("dormant_customers").headline.row["value"]


def test_ids_are_a_table_of_customer_role_and_amount() -> None:
    text = run("explain", "activation", "--sample", "-q", "--ids", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["customer", "role", "amount"]
    above = {row["customer"] for row in rows if row["role"] == "numerator"}
    below = {row["customer"] for row in rows if row["role"] == "denominator"}
    assert above < below
    assert len(below) == number("activation").headline.row["denominator"]


def test_a_breakdown_explains_each_segment_and_its_customers() -> None:
    document = json.loads(run("explain", "buyers", "--sample", "-q", "--by", "plan", "--format", "json"))
    values = {row["part"]: row["number"] for row in document["rows"] if row["item"] == "value"}
    assert {"Number", "plan=pro", "plan=starter"} <= values.keys()
    text = run("explain", "buyers", "--sample", "-q", "--by", "plan", "--ids", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sum(row["segments"] == "plan=pro" for row in rows) == values["plan=pro"]
    assert len({row["customer"] for row in rows}) == values["Number"]


def test_the_period_asked_for_is_the_one_explained() -> None:
    document = json.loads(run("explain", "buyers", "--sample", "-q", "--every", "week", "--format", "json"))
    told = {(row["part"], row["item"]): row["text"] for row in document["rows"]}
    assert told["Definition", "every"] == "week"
    assert told["Number", "period"] == "2025-W26"


def test_a_metric_without_breakdown_says_so_instead_of_ignoring_it() -> None:
    with pytest.raises(UserError, match="trailing: goes without by:"):
        run("explain", "active_customers_28d", "--sample", "--by", "plan")


def test_a_derived_metric_is_broken_down_through_what_it_reads() -> None:
    document = json.loads(run("explain", "revenue_net", "--sample", "-q", "--by", "plan", "--format", "json"))
    parts = {row["part"] for row in document["rows"] if row["item"] == "value"}
    assert {"Number", "plan=pro"} <= parts


@pytest.mark.parametrize("format_name", ["table", "json", "csv", "md"])
def test_every_format_says_where_the_number_comes_from(format_name: str) -> None:
    text = run("explain", "buyers", "--sample", "-q", "--format", format_name)
    assert "matched by this metric" in text
    assert "distinct customers with a purchase in the period" in text


def test_an_unknown_metric_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UserError, match="no metric 'buyer'") as caught:
        run("explain", "buyer", "--sample")
    assert caught.value.problems[0].hint == "did you mean 'buyers'?"


def test_a_metric_that_the_exports_cannot_feed_says_why(tmp_path: Path) -> None:
    export = tmp_path / "events.csv"
    export.write_text("user_id,event,time\na,visit,2025-01-01T10:00:00Z\n")
    with pytest.raises(UserError, match="no event purchase"):
        run("explain", "buyers", "--events", str(export))


@pytest.mark.parametrize("name", ["nps", "subscription_churn", "buyers", "support_sentiment"])
def test_a_change_is_told_as_the_report_tells_it(name: str) -> None:
    told, line = facts(name)["Number", "change"], cells(number(name).finished, number(name).headline, "")
    shown = line[3].whole.removesuffix(WORSE).strip("▲▼ ")
    assert told["text"] == shown
