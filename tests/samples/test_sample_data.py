"""The committed export: made by the generator, and rich enough to try every command on."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from engagement_cli.samples.generator import generate
from engagement_cli.samples.sectors.saas import SAAS

SAMPLE = Path(__file__).parents[2] / "sample_data"
TABLES = ["audience.csv", "customers.csv", "events.csv", "identities.csv", "subscriptions.csv", "surveys.csv"]


def read(table: str) -> pl.DataFrame:
    return pl.read_csv(SAMPLE / table, infer_schema=False)


def test_it_is_what_the_generator_writes(tmp_path: Path) -> None:
    made = generate(tmp_path / "made", customers=500, days=274, seed=1)
    assert [path.name for path in made] == TABLES
    different = [path.name for path in made if path.read_bytes() != (SAMPLE / path.name).read_bytes()]
    assert different == []


def test_it_stays_small() -> None:
    assert sum((SAMPLE / table).stat().st_size for table in TABLES) < 4_000_000
    assert 25_000 <= read("events.csv").height <= 40_000


def test_every_event_name_occurs() -> None:
    assert set(read("events.csv")["event_name"]) == set(SAAS.vocabulary)


def test_every_month_has_events_signups_and_nps_answers() -> None:
    month = pl.col("occurred_at").str.slice(0, 7)
    events = read("events.csv").filter(pl.col("occurred_at").str.contains(r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$"))
    per_month = events.filter(month != "2025-13").group_by(month).len()
    months = ["2024-10", "2024-11", "2024-12"] + [f"2025-{number:02d}" for number in range(1, 8)]
    assert sorted(per_month["occurred_at"]) == months
    asked = read("surveys.csv").filter(pl.col("survey") == "nps")["answered_at"].str.slice(0, 7)
    assert set(months[:-1]) <= set(asked)


def test_every_survey_has_more_than_sixty_answers_in_its_scale() -> None:
    surveys = read("surveys.csv").with_columns(pl.col("score").cast(pl.Int64))
    limits = {"nps": (0, 10), "csat": (1, 5), "effort": (1, 7)}
    assert set(surveys["survey"]) == set(limits)
    for survey, (least, most) in limits.items():
        scores = surveys.filter(pl.col("survey") == survey)["score"]
        assert len(scores) > 60
        assert scores.is_between(least, most).all()
    assert surveys.select("user_id", "survey").is_duplicated().any()


def test_more_than_two_hundred_customers_have_paid() -> None:
    rows = read("subscriptions.csv")
    paid = rows.filter(
        pl.col("trial_ends_at").is_null()
        | (pl.col("ended_at") > pl.col("trial_ends_at"))
        | (pl.col("ended_at").is_null() & (pl.col("trial_ends_at") < "2025-07-02"))
    )
    assert paid["user_id"].n_unique() > 200


@pytest.mark.parametrize("table", ["events.csv", "surveys.csv", "subscriptions.csv", "identities.csv"])
def test_ids_are_those_of_the_customers_or_aliases(table: str) -> None:
    known = set(read("customers.csv")["user_id"]) | set(read("identities.csv")["alias"])
    ids = read(table)["user_id"].drop_nulls()
    assert set(ids.filter(~ids.str.starts_with("visitor-"))) <= known


def test_some_ids_have_leading_zeros_and_some_do_not() -> None:
    ids = read("customers.csv")["user_id"]
    assert ids.n_unique() == 500
    assert 0 < ids.str.starts_with("0").sum() < 500
