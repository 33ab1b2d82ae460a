"""What the exports cannot tell of customers is missing with a reason, and never zero."""

from __future__ import annotations

from typing import Any

import pytest
from support.commands import run
from support.profiles import configured, profiles_of

EVENTS = """
    customer,event,timestamp,value,ticket_id
    ann,feature_used,2025-01-20T10:00:00Z,,
    ann,purchase,2025-01-20T10:00:00Z,5,
    ann,ticket_opened,2025-01-21T10:00:00Z,,t1
    bob,share,2025-01-02T10:00:00Z,,
    bob,share,2025-01-03T10:00:00Z,,
"""
SOURCES = {
    "events": EVENTS,
    "surveys": "customer,survey,timestamp,score\nann,nps,2025-01-10T00:00:00Z,3\nbob,nps,2025-01-10T00:00:00Z,9",
    "subscriptions": "customer,plan,started,ended,mrr\nann,pro,2025-01-05,,20",
    "customers": "customer,referred_by\nbob,ann",
}
SIGNALS = ("trial_ready", "at_risk", "upsell_ready", "needs_training", "fan", "influential_detractor")
ENTRIES: dict[str, dict[str, Any]] = {name: {"type": "distribution", "of": name, "only": ["yes"]} for name in SIGNALS}


def found(*without: str, **changed: str) -> Any:
    sources = {name: text for name, text in {**SOURCES, **changed}.items() if name not in without}
    return profiles_of(configured({}, catalogue=True), asked={"as_of": "2025-02-01"}, **sources)


def test_with_everything_nothing_is_missing_but_what_the_columns_lack() -> None:
    lacks = {name: why for name, why in found().missing.items() if not why.startswith("no column")}
    assert lacks == {}


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("surveys", {"nps", "nps_days", "nps_group", "csat", "csat_days", "advocacy"}),
        ("subscriptions", {"plan", "mrr", "paying", "in_trial", "subscribed_days", "former_subscriber", "renewals"}),
        ("customers", {"referrals", "referred_value"}),
        ("events", {"score", "raw", "sessions", "days_silent", "rung", "orders", "tickets", "influence", "quadrant"}),
    ],
)
def test_columns_of_a_missing_source_are_missing_for_that_reason(source: str, columns: set[str]) -> None:
    left = {"subscriptions"} if source == "events" else set()
    told = found(source)
    assert {told.missing[name] for name in columns - left} == {f"no {source} export"}
    assert not columns & set(told.table.columns)


def test_a_signal_is_judged_by_what_is_there() -> None:
    told = found("surveys")
    assert told.rows["bob"]["at_risk"] is True  # silent for long
    assert "at_risk" not in told.silent
    assert told.silent["influential_detractor"] == (
        "nobody fits influential_detractor, which reads what is missing: no surveys export"
    )
    assert "no subscriptions export" in found("subscriptions").silent["upsell_ready"]


def test_a_signal_that_nobody_fits_although_all_is_there_is_zero() -> None:
    told = found(surveys="customer,survey,timestamp,score\nann,nps,2025-01-10T00:00:00Z,10")
    assert "influential_detractor" not in told.silent
    assert not told.table["influential_detractor"].any()


def test_an_empty_column_is_as_good_as_missing() -> None:
    told = found(surveys="customer,survey,timestamp,score\nann,csat,2025-01-10T00:00:00Z,3")
    assert "nps is empty" in told.silent["influential_detractor"]
    assert told.table["advocacy"].null_count() == told.table.height


def test_signals_without_a_referral_or_a_renewal_are_still_judged() -> None:
    # Influence is made of what there is; that others could tell of it too makes no zero of it doubtful.
    told = found("customers", surveys="customer,survey,timestamp,score\nann,nps,2025-01-10T00:00:00Z,0")
    assert "fan" not in told.silent or "referred_by" not in told.silent["fan"]


def test_without_events_the_rest_is_told() -> None:
    told = found("events")
    assert told.rows["ann"]["plan"] == "pro"
    assert told.rows["ann"]["nps"] == 3
    assert told.rows["bob"]["referrals"] == 0
    assert told.rows["ann"]["at_risk"] is True  # a detractor
    assert "no events export" in told.silent["needs_training"]


def test_where_says_which_source_it_leaves_out() -> None:
    shown = run("metrics", "list", "--sample", "--available", "--where", "country = 'FR'")
    assert shown.code == 0
    told = run("report", "--sample", "--where", "channel = 'email'", "--format", "json").json
    rows = {row["metric"] for row in told["metrics"]}
    assert "influential_detractor" not in rows
    assert not {"upsell_ready", "trial_ready"} & rows
