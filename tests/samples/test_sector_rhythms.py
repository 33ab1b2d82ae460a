"""The sectors social, fitness, elearning and news live by their own clock, with power users, leavers and own words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from engagement_cli.samples.generator import generate
from engagement_cli.samples.sectors import SECTORS

MINE = ("social", "fitness", "elearning", "news")
MAIN = {"social": "feed_view", "fitness": "workout_started", "elearning": "lesson_started", "news": "article_read"}


@cache
def exported(sector: str, base: Path) -> Path:
    generate(base / f"sample-{sector}", customers=260, days=365, sector=sector, file_format="parquet")
    return base / f"sample-{sector}"


@cache
def main_events(sector: str, base: Path) -> pl.DataFrame:
    """The sector's main event in France and Germany (an hour ahead of UTC): user_id, month, weekday and hour there."""
    events = pl.read_parquet(exported(sector, base) / "events.parquet")
    own = pl.col("occurred_at").dt.offset_by("1h")
    return (
        events.filter(pl.col("event_name") == MAIN[sector], pl.col("country").is_in(["FR", "DE"]))
        .drop_nulls(["user_id", "occurred_at"])
        .select("user_id", month=own.dt.month(), weekday=own.dt.weekday(), hour=own.dt.hour())
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sectors")


def share(events: pl.DataFrame, column: str, values: list[int]) -> float:
    found = events[column].is_in(values).mean()
    assert isinstance(found, float)
    return found


def per_member(events: pl.DataFrame, month: int) -> float:
    """Events a customer with any, in a month: growth of the base does not count."""
    found = events.filter(pl.col("month") == month)
    return found.height / found["user_id"].n_unique()


def test_trainings_are_before_and_after_work_and_most_in_january(base: Path) -> None:
    events = main_events("fitness", base)
    assert share(events, "hour", [5, 6, 7, 8, 16, 17, 18, 19, 20]) > 0.65
    assert share(events, "hour", [6]) > 2 * share(events, "hour", [10])
    assert per_member(events, 1) > 1.3 * per_member(events, 8)


def test_lessons_are_in_the_afternoon_and_evening_and_follow_the_terms(base: Path) -> None:
    events = main_events("elearning", base)
    assert share(events, "hour", list(range(13, 22))) > 0.55
    assert per_member(events, 11) > 1.3 * per_member(events, 12)
    assert per_member(events, 10) > 1.4 * per_member(events, 8)


def test_news_are_read_over_breakfast(base: Path) -> None:
    events = main_events("news", base)
    hours = events.group_by("hour").len().sort("len", descending=True)["hour"].to_list()
    assert set(hours[:3]) == {6, 7, 8}
    assert share(events, "weekday", [6, 7]) < 2 / 7


def test_a_network_is_busiest_in_the_evening_and_at_the_weekend(base: Path) -> None:
    events = main_events("social", base)
    hours = events.group_by("hour").len().sort("len", descending=True)["hour"].to_list()
    assert set(hours[:3]) <= {18, 19, 20, 21, 22}
    assert share(events, "weekday", [6, 7]) > 2 / 7


@pytest.mark.parametrize("sector", MINE)
def test_a_tenth_of_the_customers_does_a_third_and_more(base: Path, sector: str) -> None:
    counts = main_events(sector, base).group_by("user_id").len().sort("len", descending=True)["len"]
    assert counts.head(len(counts) // 10).sum() > 0.3 * counts.sum()


@pytest.mark.parametrize("sector", MINE)
def test_some_leave_and_are_hardly_seen_again(base: Path, sector: str) -> None:
    events = pl.read_parquet(exported(sector, base) / "events.parquet").drop_nulls(["user_id", "occurred_at"])
    done = events.filter(pl.col("event_name").is_in(["login", "app_open", MAIN[sector]]))
    seen = done.group_by("user_id").agg(
        last=pl.col("occurred_at").max(), days=pl.col("occurred_at").dt.date().n_unique()
    )
    regular = seen.filter(pl.col("days") >= 5)
    gone = (regular["last"] < pl.Series([events["occurred_at"].max()]).dt.offset_by("-60d")[0]).mean()
    assert isinstance(gone, float)
    assert 0.03 < gone < 0.6


@pytest.mark.parametrize("sector", MINE)
def test_comments_are_in_the_words_of_the_sector_and_go_with_the_score(base: Path, sector: str) -> None:
    answers = pl.read_csv(exported(sector, base) / "surveys.csv").filter(pl.col("survey") == "nps")
    said = answers.drop_nulls("comment")
    words = SECTORS[sector].comments["nps"]
    assert said.height > 50
    assert set(said.filter(pl.col("score") >= 9)["comment"]) <= set(words["high"])
    assert set(said.filter(pl.col("score") < 7)["comment"]) <= set(words["low"])
    others = {
        text for name in SECTORS if name != sector for texts in SECTORS[name].comments["nps"].values() for text in texts
    }
    assert not others & {text for texts in words.values() for text in texts}


@pytest.mark.parametrize("sector", MINE)
def test_only_what_is_sold_by_plans_has_subscriptions(base: Path, sector: str) -> None:
    assert (exported(sector, base) / "subscriptions.csv").exists() == bool(SECTORS[sector].plans)


@pytest.mark.parametrize("sector", MINE)
def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, sector: str) -> None:
    for name in ("one", "two"):
        generate(tmp_path / name, customers=25, days=30, sector=sector)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_some_workouts_and_lessons_are_broken_off(base: Path) -> None:
    for sector, (begun, done) in {
        "fitness": ("workout_started", "workout_completed"),
        "elearning": ("lesson_started", "lesson_completed"),
    }.items():
        names = pl.read_parquet(exported(sector, base) / "events.parquet")["event_name"].value_counts()
        count = dict(names.iter_rows())
        assert 0.6 * count[begun] < count[done] < 0.97 * count[begun]
