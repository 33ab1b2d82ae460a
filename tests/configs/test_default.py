"""The packaged catalogue: it loads, fits the schema, says what each metric is, and runs on the sample."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from jsonschema import Draft202012Validator
from support.catalogue import sample_outcome, sample_session

from engagement_cli.commands.options import Choice, Inputs, Options, Output, Running, Time
from engagement_cli.commands.session import open_session
from engagement_cli.metrics import distribution
from engagement_cli.metrics.registry import METRIC_TYPES, PARAMETERS
from engagement_cli.settings.schema import json_schema
from engagement_cli.settings.values import Selection
from engagement_cli.settings.yaml_lines import read_yaml

FILE = Path(__file__).parents[2] / "configs" / "default.yaml"
SETTINGS = sample_session().settings
METRICS = SETTINGS.metrics
DIMENSIONS = {"involvement", "interaction", "intimacy", "influence", "value"}
NO_ACTIVITY = {
    "email_sent",
    "email_delivered",
    "email_opened",
    "email_bounced",
    "ad_impression",
    "push_delivered",
    "ticket_replied",
    "ticket_resolved",
    "refund",
    "email_unsubscribed",
    "cancel_page",
    "subscription_cancelled",
    "account_deleted",
}


def test_it_fits_the_json_schema() -> None:
    tree, problems = read_yaml(FILE)
    assert problems == []
    Draft202012Validator(json_schema(PARAMETERS)).validate(json.loads(json.dumps(tree.plain())))


def test_it_extends_nothing_and_a_configuration_without_a_word_uses_it() -> None:
    assert SETTINGS.extends == "none"
    assert sample_session().loaded.files == (FILE.resolve(),)


def test_at_least_forty_five_metrics_run_on_the_sample() -> None:
    outcome = sample_outcome()
    assert outcome.answer.unavailable == {}
    assert [m.name for m in outcome.answer.metrics] == list(METRICS)
    assert len(METRICS) >= 45


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_says_what_it_is(name: str) -> None:
    p = METRICS[name]
    assert p.label
    assert p.description
    assert p.dimension in DIMENSIONS | ({"signals"} if name in SETTINGS.signals else set())
    assert p.stage is not None or name in SETTINGS.signals
    divides = isinstance(p, distribution.Parameters) and not p.only  # of several shares none is the better one
    assert p.better is not None or divides or name in SETTINGS.signals


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_has_a_number_for_a_complete_period_of_the_sample(name: str) -> None:
    metric = next(m for m in sample_outcome().answer.metrics if m.name == name)
    primary = metric.rows.filter(pl.col("measure") == metric.view.measures[0].column)
    yearly = name == "subscription_retention_yearly"  # the sample has no whole year
    shown = primary.filter(pl.col("value").is_not_null(), pl.lit(yearly) | pl.col("complete"))
    assert shown.height > 0
    assert shown["value"].is_finite().all()


@pytest.mark.parametrize("name", METRICS)
def test_shares_lie_between_zero_and_one(name: str) -> None:
    metric = next(m for m in sample_outcome().answer.metrics if m.name == name)
    shares = metric.rows.filter(pl.col("unit") == "share", pl.col("value").is_not_null())
    assert shares["value"].is_between(0, 1).all()
    assert not metric.rows["flags"].str.contains("above_one").any()


def test_labels_are_unique() -> None:
    assert [label for label, count in Counter(p.label for p in METRICS.values()).items() if count > 1] == []


def test_every_metric_type_is_used() -> None:
    assert set(METRIC_TYPES) - {p.type for p in METRICS.values()} == set()


def test_every_dimension_has_metrics_and_signals_or_events() -> None:
    assert {p.dimension for p in METRICS.values()} == DIMENSIONS | {"signals"}
    fed = {d for event in SETTINGS.events.values() for d in event.dimensions} | set(SETTINGS.dimensions)
    assert fed == DIMENSIONS - {"value"}


def test_every_event_of_the_sample_has_a_weight() -> None:
    assert set(sample_outcome().merged.kinds.events) - set(SETTINGS.events) == set()


def test_what_is_done_to_customers_is_no_activity() -> None:
    assert SETTINGS.events.keys() >= NO_ACTIVITY
    assert {name for name in NO_ACTIVITY if SETTINGS.events[name].weight > 0} == set()
    kinds = sample_outcome().merged.kinds
    active = kinds.matching(Selection(events=("active",)), SETTINGS)
    assert {event for event, on in zip(kinds.events, active, strict=True) if on} & NO_ACTIVITY == set()


def test_system_events_open_no_session_and_what_customers_do_does() -> None:
    excluded = set(METRICS["sessions"].model_dump()["exclude"]["events"])
    assert excluded >= NO_ACTIVITY - {"email_unsubscribed", "cancel_page", "subscription_cancelled", "account_deleted"}
    assert excluded <= SETTINGS.events.keys()
    assert {name for name in excluded if SETTINGS.events[name].weight > 0} == set()


def test_whatever_is_said_of_sessions_is_said_of_the_same_ones() -> None:
    assert [name for name, p in METRICS.items() if p.type == "sessions"] == ["sessions"]
    counted = {name for name, p in METRICS.items() if "sessions" in p.metrics_read()}
    assert counted == {"visit_frequency", "session_duration", "time_per_customer"}
    assert [name for name, p in METRICS.items() if "count='sessions'" in repr(p)] == []


def test_only_what_belongs_to_a_period_states_it_the_rest_follows_the_option() -> None:
    told = {name: p for name, p in METRICS.items() if "every" in p.model_fields_set}
    of_the_end = {name: str(p.every) for name, p in told.items() if "'profiles'" in repr(p)}
    assert set(of_the_end.values()) == {"total"}  # the customer table has no periods
    stated = {name: str(p.every) for name, p in told.items() if name not in of_the_end}
    month_by_month = {"monthly_active_customers", "active_months", "mrr"}
    month_by_month |= {"activation", "checkout", "campaign_conversion"}  # funnels would else be of the whole range
    month_by_month |= {"cart_abandonment", "checkout_abandonment", "repeat_purchase_90d", "support_after_purchase"}
    month_by_month |= {"arpu", "subscription_churn", "subscriber_lifetime_value"}  # one computed with the others
    days = dict.fromkeys(
        ("daily_active_customers", "active_customers_28d", "day_1_retention", "buyer_day_7_retention"), "day"
    )
    weeks = dict.fromkeys(
        ("weekly_active_customers", "week_4_retention", "buyer_week_4_retention", "messages_per_sender"), "week"
    )
    month_by_month |= {"buyer_month_3_retention"}
    others = {"referred_customers": "total", "subscription_retention_yearly": "12mo"}
    others |= dict.fromkeys(("acquisition_cost", "arpu_now", "ltv_to_cac", "payback_months"), "total")
    assert stated == days | weeks | others | dict.fromkeys(month_by_month, "month")


def test_the_report_runs_at_another_period() -> None:
    session = open_session(Options(Inputs(sample=True), Time(every="week"), Choice(), Output(quiet=True), Running()))
    answer = session.ask(session.reported(), lenient=True).answer
    assert answer.unavailable == {}
    every = {m.name: m.every for m in answer.metrics}
    assert (every["sessions"], every["visit_frequency"], every["revenue_net"]) == ("week", "week", "week")
    assert (every["monthly_active_customers"], every["subscriber_lifetime_value"]) == ("month", "month")


def test_no_distribution_is_shown_by_one_of_its_bins() -> None:
    assert [name for name, p in METRICS.items() if p.type == "frequency" and p.report] == []


def test_events_need_no_column_but_their_name() -> None:
    """An export without properties must be able to feed whatever rests on `active`."""
    assert [name for name, event in SETTINGS.events.items() if event.where is not None] == []


def test_the_only_shipped_benchmark_is_that_of_yearly_retention() -> None:
    found = {name: p.benchmark for name, p in METRICS.items() if p.benchmark is not None}
    assert list(found) == ["subscription_retention_yearly"]
    assert (found["subscription_retention_yearly"].strong, found["subscription_retention_yearly"].concern) == (0.7, 0.5)
    assert [name for name, p in METRICS.items() if p.target is not None] == []


def test_a_raw_export_with_names_of_its_own_is_measured_and_the_rest_is_unavailable_not_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ["user_id,event_name,occurred_at", "a,ate cake,2025-01-01T10:00:00Z", "a,ate cake,2025-01-02T10:00:00Z"]
    rows += ["b,sang,2025-01-02T11:00:00Z", "b,email_delivered,2025-01-03T11:00:00Z", "c,sang,2025-01-04T00:00:00Z"]
    (tmp_path / "raw.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    session = open_session(Options(Inputs(events=["raw.csv"]), Time(), Choice(), Output(quiet=True), Running()))
    answer = session.ask(session.settings.metrics, lenient=True).answer
    found = {m.name: m for m in answer.metrics}
    assert found["daily_active_customers"].view.table["customers"].to_list() == [1, 2, 0, 1]
    assert found["sessions"].view.totals["sessions"] == 4
    assert answer.unavailable["buyers"].startswith("no event purchase or order or order_completed")
    assert answer.unavailable["nps"] == "no surveys export"
    assert answer.unavailable["sentiment"].startswith("no column 'sentiment' in the events export")
    assert "revenue_net" in answer.unavailable
    assert found.keys() | answer.unavailable.keys() == METRICS.keys()
    of_the_table = {"known_customers", "engagement_bands", "involvement_index", "involvement_coverage"}
    resting = {name for name in METRICS if _rests_on_activity(name)}
    assert found.keys() - resting - {"mails_delivered"} == of_the_table
    assert resting <= found.keys()


@pytest.mark.parametrize("sign", ["", "-"])
def test_net_revenue_is_gross_less_refunds_whichever_sign_they_are_written_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    rows = ["customer,event,timestamp,value", "a,purchase,2025-01-02,100.5", "b,purchase,2025-01-03,50"]
    rows += [f"a,refund,2025-01-20,{sign}20.25", "b,login,2025-02-01,"]
    (tmp_path / "raw.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    session = open_session(Options(Inputs(events=["raw.csv"]), Time(), Choice(), Output(quiet=True), Running()))
    names = ("revenue_gross", "refunds", "revenue_net")
    answer = session.ask({name: session.settings.metrics[name] for name in names}).answer
    january = {m.name: m.view.table.row(0, named=True)["value"] for m in answer.metrics}
    assert january == {"revenue_gross": 150.5, "refunds": 20.25, "revenue_net": 130.25}


def _rests_on_activity(name: str) -> bool:
    """Whether a metric reads nothing but active events, or computes with those that do."""
    p = METRICS[name]
    if p.type == "score":  # also where none of the weighted events occurs
        return True
    if read := p.metrics_read():
        return all(_rests_on_activity(other) for other in read)
    needs = METRIC_TYPES[p.type].needs(p, SETTINGS)
    plain = {("active",), None}
    return needs.sources == {"events"} and not needs.numbers and {s.events for s in needs.selections} <= plain
