"""`--where`: what it filters, what it leaves out, and that it never looks applied where it is not."""

from __future__ import annotations

from support.commands import run


def test_a_view_of_a_source_without_the_column_is_refused() -> None:
    ran = run("nps", "--sample", "--where", "channel = 'paid'")
    assert ran.code == 2
    assert "cannot filter surveys: no column channel" in ran.err


def test_rows_of_subscriptions_are_not_filtered_one_by_one() -> None:
    ran = run("churn", "--sample", "--where", "plan = 'pro'")
    assert ran.code == 2
    assert "--by divides them" in ran.err


def test_a_column_of_no_export_is_suggested() -> None:
    ran = run("report", "--sample", "--where", "chanel = 'paid'")
    assert ran.code == 2
    assert "did you mean 'channel'?" in ran.err


def test_a_text_in_double_quotes_is_told_from_a_column() -> None:
    ran = run("report", "--sample", "--where", 'channel = "paid"')
    assert (ran.code, "a text has single quotes: 'paid'" in ran.err) == (2, True)


def test_the_report_leaves_out_what_it_cannot_filter_and_says_so() -> None:
    document = run("report", "--sample", "--where", "country = 'FR'", "--format", "json", "--quiet").json
    shown = {row["metric"] for row in document["metrics"]}
    assert "active_customers" in shown or "monthly_active_customers" in shown
    assert not shown & {"nps", "mrr", "subscription_churn"}
    assert any("surveys" in warning and "subscriptions" in warning for warning in document["warnings"])
    assert document["waterfall"]["excluded"]["where"] > 20_000


def test_the_population_is_that_of_the_filtered_sources() -> None:
    rows = run("score", "--sample", "--where", "country = 'FR'", "--format", "json", "--quiet").json["rows"]
    everyone = run("score", "--sample", "--format", "json", "--quiet").json["rows"]
    assert 50 < len(rows) < len(everyone) / 3
