"""Customers behave: activity, leaving, answers, upgrades and tickets depend on one another."""

from __future__ import annotations

import polars as pl
from support.generated import Export, ended_by_leaving


def events_before(export: Export, moments: pl.DataFrame, days: int) -> pl.DataFrame:
    """`moments` (user_id, moment) with the number of session events in the `days` days before each."""
    acts = export.events.filter(pl.col("event_name").is_in(["login", "app_open", "feature_used", "page_view"]))
    joined = moments.join(acts.select("user_id", "at"), on="user_id", how="left")
    near = (pl.col("at") < pl.col("moment")) & (pl.col("at") >= pl.col("moment") - pl.duration(days=days))
    others = list(moments.columns)
    return joined.group_by(others, maintain_order=True).agg(near.fill_null(False).sum().alias("events"))


def test_activity_is_lower_before_leaving(export: Export) -> None:
    begin = pl.datetime(2024, 12, 1, time_zone="UTC", time_unit="ms")
    left = ended_by_leaving(export).filter(pl.col("ended_at") > begin)
    leaving = events_before(export, left.select("user_id", moment="ended_at"), 28)["events"].mean()
    middle = pl.datetime(2025, 4, 1, time_zone="UTC", time_unit="ms")
    running = export.subscriptions.filter(pl.col("ended_at").is_null() & (pl.col("started_at") < middle))
    staying = events_before(export, running.select("user_id", moment=middle), 28)["events"].mean()
    assert isinstance(leaving, float)
    assert isinstance(staying, float)
    assert left.height > 200
    assert leaving < 0.6 * staying


def test_nps_follows_activity(export: Export) -> None:
    answers = export.surveys.filter(pl.col("survey") == "nps").select("user_id", "score", moment="answered_at")
    seen = events_before(export, answers, 28)
    assert seen.select(pl.corr("score", "events", method="spearman")).item() > 0.3


def test_satisfaction_falls_with_the_wait(export: Export) -> None:
    tickets = export.events.filter(pl.col("event_name").is_in(["ticket_opened", "ticket_resolved"]))
    spans = tickets.group_by("ticket_id").agg(
        pl.col("user_id").first(), wait=pl.col("at").max() - pl.col("at").min(), resolved=pl.col("at").max()
    )
    answers = export.surveys.filter(pl.col("survey") == "csat").sort("answered_at")
    matched = answers.join_asof(spans.sort("resolved"), left_on="answered_at", right_on="resolved", by="user_id")
    assert (
        matched.drop_nulls("wait").select(pl.corr("score", pl.col("wait").dt.total_seconds(), method="spearman")).item()
        < -0.1
    )


def test_detractors_open_more_tickets_than_promoters(export: Export) -> None:
    tickets = export.events.filter(pl.col("event_name") == "ticket_opened").group_by("user_id").len()
    answers = export.surveys.filter(pl.col("survey") == "nps").group_by("user_id").agg(pl.col("score").mean())
    counted = answers.join(tickets, on="user_id", how="left").with_columns(pl.col("len").fill_null(0))
    detractors = counted.filter(pl.col("score") <= 6)["len"].to_numpy().mean()
    promoters = counted.filter(pl.col("score") >= 9)["len"].to_numpy().mean()
    assert detractors > 1.2 * promoters


def test_upgrades_come_from_the_more_active(export: Export) -> None:
    rows = export.subscriptions.sort("user_id", "started_at")
    dearer = pl.col("mrr") > pl.col("mrr").shift(1).over("user_id")
    gapless = pl.col("started_at") == pl.col("ended_at").shift(1).over("user_id")
    changes = rows.with_columns(up=dearer, gapless=gapless).filter(pl.col("gapless"))
    seen = events_before(export, changes.select("user_id", "up", moment="started_at"), 28)
    means = dict(seen.group_by("up").agg(pl.col("events").mean()).iter_rows())
    assert changes["up"].sum() > 50
    assert means[True] > 1.5 * means[False]


def test_converted_trials_were_used_more(export: Export) -> None:
    trials = export.subscriptions.filter(
        pl.col("trial_ends_at").is_between(
            pl.datetime(2024, 12, 1, time_zone="UTC"), pl.datetime(2025, 7, 1, time_zone="UTC")
        )
    )
    paid = pl.col("ended_at").is_null() | (pl.col("ended_at") > pl.col("trial_ends_at"))
    seen = events_before(export, trials.select("user_id", paid.alias("paid"), moment="trial_ends_at"), 14)
    means = dict(seen.group_by("paid").agg(pl.col("events").mean()).iter_rows())
    assert means[True] > 1.3 * means[False]


def test_some_come_back_after_a_gap(export: Export) -> None:
    rows = export.subscriptions.sort("user_id", "started_at")
    gap = pl.col("started_at") - pl.col("ended_at").shift(1).over("user_id")
    gaps = rows.select(gap.alias("gap"))["gap"].drop_nulls()
    assert (gaps >= pl.Series([0]).cast(pl.Duration("ms"))[0]).all()
    assert (gaps.dt.total_days() >= 7).sum() > 50


def test_rows_of_a_customer_never_overlap_and_a_running_row_is_the_last(export: Export) -> None:
    rows = export.subscriptions.sort("user_id", "started_at")
    following = pl.col("started_at").shift(-1).over("user_id")
    wrong = following.is_not_null() & (pl.col("ended_at").is_null() | (pl.col("ended_at") > following))
    assert rows.filter(wrong).is_empty()
    assert rows.filter(pl.col("ended_at") <= pl.col("started_at")).is_empty()


def test_referrers_joined_earlier_and_share_more_than_others_of_their_age(export: Export) -> None:
    customers = export.customers
    when = customers.select(pl.col("user_id").alias("referred_by"), earlier="signed_up_at")
    referred = customers.join(when, on="referred_by", how="inner")
    assert referred.height == customers["referred_by"].count() > 200
    assert (referred["earlier"] <= referred["signed_up_at"]).all()
    shares = (
        export.events.filter(pl.col("event_name").is_in(["share", "forward", "invite_sent"])).group_by("user_id").len()
    )
    old = customers.filter(pl.col("signed_up_at") < pl.datetime(2024, 10, 1, time_zone="UTC"))
    counted = old.join(shares, on="user_id", how="left").with_columns(pl.col("len").fill_null(0))
    means = dict(
        counted.group_by(pl.col("user_id").is_in(customers["referred_by"].drop_nulls().to_list()))
        .agg(pl.col("len").mean())
        .iter_rows()
    )
    assert means[True] > 1.5 * means[False]


def test_weekdays_and_working_hours_are_busier(export: Export) -> None:
    french = export.events.filter((pl.col("country") == "FR") & pl.col("event_name").is_in(["login", "feature_used"]))
    by_day = french.group_by(pl.col("at").dt.weekday().alias("day")).len().sort("day")["len"]
    assert by_day.len() == 7
    assert min(by_day.to_list()[:5]) > 2 * max(by_day.to_list()[5:])
    hours = french.group_by((pl.col("at").dt.hour() + 1).mod(24).alias("hour")).len().sort("hour")
    counts = dict(hours.iter_rows())
    assert counts[10] > 4 * counts.get(3, 0)


def test_nobody_acts_under_his_own_id_before_signing_up(export: Export) -> None:
    joined = export.events.join(export.customers.select("user_id", "signed_up_at"), on="user_id")
    assert joined.filter(pl.col("at") < pl.col("signed_up_at")).is_empty()


def test_mail_is_opened_after_it_came_and_not_sent_after_unsubscribing(export: Export) -> None:
    mails = export.events.filter(pl.col("event_name").str.starts_with("email_"))
    left = mails.filter(pl.col("event_name") == "email_unsubscribed").select("user_id", left="at")
    after = mails.filter(pl.col("event_name") == "email_delivered").join(left, on="user_id")
    assert left["user_id"].n_unique() > 50
    assert after.filter(pl.col("at") > pl.col("left") + pl.duration(days=1)).is_empty()
