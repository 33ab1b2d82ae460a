"""The sectors ecommerce, streaming and messaging live by their own clock and rules, with power users and leavers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from engagement_cli.samples.generator import generate

MAIN = {"ecommerce": "product_view", "streaming": "video_watched", "messaging": "message_sent"}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """The events of each sector with a local hour and weekday for France and Germany (an hour ahead of UTC)."""
    base = tmp_path_factory.mktemp("trades")
    for sector in MAIN:
        generate(base / sector, customers=300, days=365, sector=sector, file_format="parquet")
    own = pl.col("occurred_at").dt.offset_by("1h")
    return {
        sector: pl.read_parquet(base / sector / "events.parquet")
        .drop_nulls(["user_id", "occurred_at"])
        .with_columns(hour=own.dt.hour(), weekday=own.dt.weekday(), month=own.dt.month())
        for sector in MAIN
    }


def european(events: pl.DataFrame, name: str) -> pl.DataFrame:
    return events.filter(pl.col("event_name") == name, pl.col("country").is_in(["FR", "DE"]))


def test_films_are_watched_in_the_evening_and_at_the_weekend(exports: dict[str, pl.DataFrame]) -> None:
    watched = european(exports["streaming"], "video_watched")
    assert watched.filter(pl.col("hour").is_in([18, 19, 20, 21, 22, 23])).height > 0.55 * watched.height
    assert watched.filter(pl.col("weekday") >= 6).height > 0.33 * watched.height


def test_a_shop_sells_most_before_christmas(exports: dict[str, pl.DataFrame]) -> None:
    looked = exports["ecommerce"].filter(pl.col("event_name") == "product_view")
    per_customer = {
        month: found.height / found["user_id"].n_unique()
        for month in (2, 8, 12)
        for found in [looked.filter(pl.col("month") == month)]
    }
    assert per_customer[12] > 1.3 * max(per_customer[2], per_customer[8])


def test_messages_are_written_every_day_of_the_week(exports: dict[str, pl.DataFrame]) -> None:
    by_day = european(exports["messaging"], "message_sent").group_by("weekday").len()["len"]
    assert by_day.len() == 7
    assert by_day.min() * 2 > by_day.max()


@pytest.mark.parametrize("sector", MAIN)
def test_a_tenth_of_the_customers_does_a_fourth_and_more(exports: dict[str, pl.DataFrame], sector: str) -> None:
    main = exports[sector].filter(pl.col("event_name") == MAIN[sector])
    counts = main.group_by("user_id").len().sort("len", descending=True)["len"]
    assert counts.head(len(counts) // 10).sum() > 0.25 * counts.sum()


@pytest.mark.parametrize("sector", MAIN)
def test_some_leave_and_are_hardly_seen_again(exports: dict[str, pl.DataFrame], sector: str) -> None:
    own = exports[sector].filter(pl.col("event_name") == MAIN[sector])
    last = own.group_by("user_id").agg(pl.col("occurred_at").max())["occurred_at"]
    silent = (last < pl.Series([last.max()]).dt.offset_by("-60d")[0]).sum()
    assert 0.1 * len(last) < silent < 0.7 * len(last)


def test_a_title_has_one_genre_and_a_view_its_minutes(exports: dict[str, pl.DataFrame]) -> None:
    titles = exports["streaming"].drop_nulls("content_id")
    assert titles.group_by("content_id").agg(pl.col("genre").n_unique())["genre"].max() == 1
    assert titles["genre"].n_unique() == 6
    watched = titles.filter(pl.col("event_name") == "video_watched")
    assert watched["minutes"].null_count() == 0
    assert watched["minutes"].is_between(0.5, 180).all()
    assert set(exports["streaming"].drop_nulls("minutes")["event_name"]) == {"video_watched", "trailer_watched"}


def test_an_order_has_one_category_and_products_keep_theirs(exports: dict[str, pl.DataFrame]) -> None:
    events = exports["ecommerce"]
    for thing in ("order_id", "product_id"):
        found = events.drop_nulls(thing).group_by(thing).agg(pl.col("category").n_unique())
        assert found.height > 100
        assert found["category"].max() == 1
    shares = events.filter(pl.col("event_name") == "purchase")["category"].value_counts(normalize=True)
    assert dict(shares.iter_rows())["clothing"] == pytest.approx(0.3, abs=0.08)


def test_viewers_sign_up_mostly_in_winter(exports: dict[str, pl.DataFrame]) -> None:
    joined = exports["streaming"].filter(pl.col("event_name") == "signup")
    winter = joined.filter(pl.col("month").is_in([11, 12, 1])).height
    summer = joined.filter(pl.col("month").is_in([6, 7, 8])).height
    assert winter > 1.2 * summer


def test_a_subscription_is_told_when_payment_begins_and_not_at_a_change_of_plan(
    exports: dict[str, pl.DataFrame],
) -> None:
    events = exports["streaming"]
    begun = events.filter(pl.col("event_name") == "subscription_started")
    paid = events.filter(pl.col("event_name") == "purchase")
    assert 0.6 * paid.height < begun.height < paid.height
    assert begun["user_id"].n_unique() > 0.7 * begun.height


def test_what_a_message_is_stands_on_messages_alone(exports: dict[str, pl.DataFrame]) -> None:
    kinds = exports["messaging"].drop_nulls("message_kind")
    assert set(kinds["event_name"]) == {"message_sent"}
    shares = dict(kinds["message_kind"].value_counts(normalize=True).iter_rows())
    assert shares["text"] == pytest.approx(0.78, abs=0.02)


@pytest.mark.parametrize(("sector", "paid"), [("ecommerce", False), ("streaming", True), ("messaging", True)])
def test_only_sectors_with_plans_export_subscriptions(tmp_path: Path, sector: str, paid: bool) -> None:
    generate(tmp_path / "x", customers=60, days=60, sector=sector)
    assert (tmp_path / "x" / "subscriptions.csv").exists() == paid
