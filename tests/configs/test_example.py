"""The example of the whole language loads and runs on exports that are laid out as it says."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.commands import run

from engagement_cli.samples.generator import generate

EXAMPLE = Path(__file__).parents[1] / "settings" / "engagement.example.yaml"
NAMES = {"video_view": "video", "photo_upload": "upload", "video_upload": "upload", "page_view": "visit"}
NAMES["add_to_cart"] = "cart"
TABLES: dict[str, tuple[str, dict[str, str]]] = {
    "surveys": ("nps", {"user_id": "uid", "survey": "kind", "answered_at": "at", "score": "answer", "comment": "text"}),
    "subscriptions": (
        "subs",
        {
            "user_id": "uid",
            "plan": "plan",
            "started_at": "start",
            "ended_at": "end",
            "trial_ends_at": "trial_end",
            "mrr": "amount",
        },
    ),
    "customers": ("crm", {"user_id": "id", "country": "country", "referred_by": "ref", "acquisition_cost": "cac"}),
    "audience": ("social", {"date": "day", "account": "page", "followers": "followers", "reach": "reach"}),
    "identities": ("aliases", {"alias": "anonymous_id", "user_id": "user_id"}),
}


def _events(sample: Path) -> pl.DataFrame:
    """The sample's events under the example's names: a quantity and a price, kinds of uploads, a value of carts."""
    events = pl.read_parquet(sample / "events.parquet").drop_nulls("occurred_at")
    name = pl.col("event_name")
    price = pl.when(name == "add_to_cart").then(20.0).otherwise(pl.col("value"))
    return events.select(
        "event_id",
        "user_id",
        name.replace(NAMES).alias("name"),
        pl.when(name == "photo_upload")
        .then(pl.lit("photo"))
        .when(name == "video_upload")
        .then(pl.lit("video"))
        .alias("kind"),
        "occurred_at",
        qty=pl.when(price.is_not_null()).then(2),
        unit_price=price / 2,
        invoice="order_id",
        utm_source="channel",
        feature="feature",
        sentiment="sentiment",
        email=pl.col("email").str.replace("example-corp.com", "ourcompany.com", literal=True),
        user_agent="user_agent",
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example as its configuration and exports laid out as it says."""
    folder = tmp_path_factory.mktemp("example")
    generate(folder / "sample", customers=300, days=274, file_format="parquet")
    (folder / "exports" / "events").mkdir(parents=True)
    events = _events(folder / "sample")
    events.head(events.height // 2).write_parquet(folder / "exports/events/2024.parquet")
    events.tail(-(events.height // 2)).write_parquet(folder / "exports/events/2025.parquet")
    for table, (file, columns) in TABLES.items():
        frame = pl.read_csv(folder / "sample" / f"{table}.csv", infer_schema=False)
        frame.select(pl.col(old).alias(new) for old, new in columns.items()).write_csv(folder / f"exports/{file}.csv")
    shutil.copy(EXAMPLE, folder / "engagement.yaml")
    return folder


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project)
    return project


def test_check_finds_it_stale_as_its_max_age_demands_and_nothing_else_wrong(here: Path) -> None:
    ran = run("check", "--format", "json")
    assert {row["code"] for row in ran.json["rows"] if row["severity"] == "error"} == {"stale"}
    assert ran.code == 5


def test_the_report_has_a_number_for_each_of_its_metrics(here: Path) -> None:
    ran = run("report", "--format", "json", "-q")
    assert ran.code == 0
    rows: list[dict[str, Any]] = ran.json["metrics"]
    found = {row["metric"] for row in rows if row["value"] is not None}
    assert found >= {"weekly_visits", "buyers", "week_4", "checkout", "churn"}
    assert found >= {"mrr", "nps", "csat", "feature_adoption", "engagement_score"}


def test_what_it_excludes_is_in_the_waterfall(here: Path) -> None:
    waterfall = run("report", "--format", "json", "-q").json["waterfall"]
    excluded = {name: count for name, count in waterfall["excluded"].items() if count > 0}
    assert set(excluded) == {"internal", "bots"}


def test_its_uploads_of_photos_are_an_event_of_their_own(here: Path) -> None:
    photos = run("funnel", "--step", "photo", "--format", "json", "-q").json["rows"][0]["customers"]
    uploads = run("funnel", "--step", "upload", "--format", "json", "-q").json["rows"][0]["customers"]
    assert 0 < photos < uploads


@pytest.mark.parametrize("command", [("explain", "weekly_visits"), ("explain", "churn"), ("score", "--top", "3")])
def test_other_commands_run_on_it(here: Path, command: tuple[str, ...]) -> None:
    ran = run(*command, "-q")
    assert ran.code == 0, ran.err
    assert ran.out
