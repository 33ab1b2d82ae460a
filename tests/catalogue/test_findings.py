"""A campaign that many click and whose landing page holds nobody is told, and nothing else is."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.commands import run

BEGIN = datetime(2025, 3, 3)


def campaign(name: str, *, clicks: int, seconds: float, spread: float = 2, reached: int = 60) -> list[dict[str, Any]]:
    """So many customers reached, of whom the first click, land, and go on after about so many seconds."""
    dice, rows = random.Random(name), []
    for number in range(reached):
        at = BEGIN + timedelta(hours=number)
        common = {"user_id": f"{name}{number}", "campaign": name}
        rows.append({**common, "event_name": "ad_impression", "occurred_at": at})
        if number < clicks:
            land = at + timedelta(minutes=1)
            gone = land + timedelta(seconds=seconds + dice.uniform(-spread, spread))
            rows.append({**common, "event_name": "ad_clicked", "occurred_at": land})
            rows.append({**common, "event_name": "page_view", "occurred_at": land})
            rows.append({"user_id": f"{name}{number}", "event_name": "search", "occurred_at": gone, "campaign": None})
    return rows


def found(folder: Path, *campaigns: list[dict[str, Any]], options: tuple[str, ...] = ()) -> tuple[list[str], str]:
    rows = [row for rows in campaigns for row in rows]
    pl.DataFrame(rows).write_parquet(folder / "e.parquet")
    arguments = ("campaigns", "--events", folder / "e.parquet", "--every", "total", "-q", *options)
    ran = run(*arguments, "--format", "json")
    assert ran.code == 0, ran.err
    return ran.json.get("findings", []), run(*arguments).out


def test_many_clicks_and_a_short_landing_are_told_in_words_under_the_table(tmp_path: Path) -> None:
    said, page = found(
        tmp_path, campaign("loud", clicks=40, seconds=5), campaign("calm", clicks=12, seconds=60, reached=120)
    )
    (sentence,) = said
    assert sentence.startswith("loud: Ad click-through rate 66.7 % (± 12.0 pp) is above the others' 10.0 %, ")
    assert "and Time on landing page 5.0 s (± 0.32 s) below their 59.8 s: " in sentence
    assert sentence.endswith("its message promises what the page does not hold, or it reaches the wrong people")
    assert "loud: Ad click-through rate" in page


def test_the_other_campaign_is_no_finding_nor_is_it_where_the_landing_is_long(tmp_path: Path) -> None:
    calm = campaign("calm", clicks=12, seconds=60, reached=120)
    assert found(tmp_path, campaign("loud", clicks=40, seconds=90), calm)[0] == []
    assert found(tmp_path, campaign("quiet", clicks=2, seconds=5, reached=120), calm)[0] == []
    assert found(tmp_path, calm)[0] == []


@pytest.mark.parametrize(
    ("loud", "why"),
    [
        ({"clicks": 7, "seconds": 5}, "as many click as of the others"),
        ({"clicks": 40, "seconds": 55, "spread": 50}, "the interval of its time holds the others'"),
        ({"clicks": 9, "seconds": 5, "reached": 9}, "fewer than ten customers"),
    ],
)
def test_nothing_is_told_that_the_intervals_do_not_support(tmp_path: Path, loud: dict[str, Any], why: str) -> None:
    calm = campaign("calm", clicks=12, seconds=60, reached=120)
    assert found(tmp_path, campaign("loud", **loud), calm)[0] == [], why


def test_rows_without_a_campaign_are_none_of_the_others(tmp_path: Path) -> None:
    nameless = [{**row, "campaign": None} for row in campaign("x", clicks=60, seconds=1)]
    said, _ = found(
        tmp_path, campaign("loud", clicks=40, seconds=5), campaign("calm", clicks=12, seconds=60, reached=120), nameless
    )
    assert len(said) == 1
    assert "above the others' 10.0 %" in said[0]


def test_a_configuration_says_its_own_or_nothing(tmp_path: Path) -> None:
    two = (campaign("loud", clicks=40, seconds=5), campaign("calm", clicks=12, seconds=60, reached=120))
    (tmp_path / "own.yaml").write_text("views: {campaigns: {findings: null}}\n")
    assert found(tmp_path, *two, options=("-c", str(tmp_path / "own.yaml")))[0] == []
    (tmp_path / "own.yaml").write_text(
        "views: {campaigns: {findings: [{high: landing_time, low: ad_click_through_rate, says: weak message}]}}\n"
    )
    (said,) = found(tmp_path, *two, options=("-c", str(tmp_path / "own.yaml")))[0]
    assert said.startswith("calm: Time on landing page 59.8 s (± 0.73 s, small n) is above the others' 5.0 s")
    assert said.endswith("below their 66.7 %: weak message")
