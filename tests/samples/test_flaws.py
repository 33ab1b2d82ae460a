"""The flaws of real exports are there, in known proportions."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from engagement_cli.samples.generator import generate


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    folder: Path = tmp_path_factory.mktemp("flaws") / "x"
    generate(folder, customers=1500, days=200, seed=4)
    table = pl.read_csv(folder / "events.csv", infer_schema=False)
    readable = pl.col("occurred_at").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False)
    return table.with_columns(readable.alias("time"))


def share(events: pl.DataFrame, condition: pl.Expr) -> float:
    return float(events.select(condition.fill_null(False).mean()).item())


def test_some_times_are_broken_in_several_ways_but_under_half_a_percent(events: pl.DataFrame) -> None:
    assert 0.001 < share(events, pl.col("time").is_null()) < 0.005
    assert events.filter(pl.col("time").is_null())["occurred_at"].n_unique() == 4


def test_some_rows_come_twice_in_full_a_few_rows_later(events: pl.DataFrame) -> None:
    repeated = events.height - events.unique().height
    assert 0.002 < repeated / events.height < 0.006
    places = (
        events.with_row_index().filter(pl.col("event_id").is_duplicated()).group_by("event_id").agg(pl.col("index"))
    )
    apart = places.select(pl.col("index").list.max() - pl.col("index").list.min())["index"]
    assert apart.is_between(1, 100).all()


def test_an_id_belongs_to_one_row_but_for_its_repetition(events: pl.DataFrame) -> None:
    plain = events.filter(pl.col("time").is_not_null()).unique()
    assert plain["event_id"].is_unique().all()


def test_some_rows_are_late_by_hours_or_days(events: pl.DataFrame) -> None:
    times = events["time"].drop_nulls()
    behind = (times.cum_max() - times).dt.total_seconds()
    assert 0.005 < float((behind > 3600).to_numpy().mean()) < 0.02
    assert (behind <= 4 * 86_400).all()


def test_robots_and_staff_and_nobody_are_there(events: pl.DataFrame) -> None:
    robots = events.filter(pl.col("user_agent").str.contains("(?i)bot"))
    assert 0.008 < robots.height / events.height < 0.016
    assert set(robots["event_name"]) == {"page_view"}
    assert robots["email"].null_count() == robots.height
    assert 0.001 < share(events, pl.col("email").str.ends_with("@example-corp.com")) < 0.08
    assert 0.001 < share(events, pl.col("user_id").is_null()) < 0.01


def test_money_stands_on_purchases_and_refunds_with_an_order(events: pl.DataFrame) -> None:
    money = events.filter(pl.col("event_name").is_in(["purchase", "refund"]))
    assert (money["value"].cast(pl.Float64) > 0).all()
    assert money["order_id"].null_count() == 0
    rated = events.filter(pl.col("value").is_not_null())["event_name"]
    assert set(rated) == {"purchase", "refund", "rating"}


def test_features_tickets_contents_campaigns_and_sentiment_stand_where_they_belong(events: pl.DataFrame) -> None:
    def carriers(column: str) -> set[str]:
        return set(events.filter(pl.col(column).is_not_null())["event_name"])

    assert carriers("feature") == {"feature_used"}
    assert carriers("ticket_id") == {"ticket_opened", "ticket_replied", "ticket_resolved", "support_feedback"}
    assert carriers("sentiment") == {"post", "comment", "review", "support_feedback"}
    assert {"content_shared", "video_view", "share"} <= carriers("content_id")
    mail = {"email_delivered", "email_opened", "email_clicked", "email_unsubscribed"}
    credited = {"signup", "add_to_cart", "checkout_started", "purchase"}
    assert carriers("campaign") == mail | {"ad_impression", "ad_clicked", "page_view"} | credited
    assert carriers("variant") == mail
    assert carriers("cost") == {"ad_impression", "ad_clicked"}
    assert carriers("shipping_fee") == {"add_to_cart", "checkout_started", "purchase"}
    assert events["sentiment"].cast(pl.Float64).drop_nulls().is_between(-1, 1).all()
