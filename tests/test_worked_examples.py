"""The worked examples of the definitions, through the whole line.

Those on real exports are in tests/real; those of fitted models (shifted-beta-geometric, BG/NBD, Gamma-Gamma) are with
the models.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from support.measuring import one

INSTANT = pl.Datetime("us", "UTC")


def subscriptions(*groups: tuple[int, str, str | None]) -> pl.DataFrame:
    """So many customers each with a subscription from a date, to a date or still running."""
    rows = [(start, end) for count, start, end in groups for _ in range(count)]
    return pl.DataFrame(
        {
            "customer": [f"c{i}" for i in range(len(rows))],
            "plan": "any",
            "started": [start for start, _ in rows],
            "ended": [end for _, end in rows],
        },
        schema_overrides={"ended": pl.String},
    ).with_columns(pl.col("started", "ended").str.to_datetime("%Y-%m-%d", time_zone="UTC"))


def events(**counts: int) -> pl.DataFrame:
    """So many events of each name, by a hundred customers in January 2025."""
    names = [name for name, count in counts.items() for _ in range(count)]
    return pl.DataFrame(
        {
            "customer": [f"c{i % 100}" for i in range(len(names))],
            "event": names,
            "timestamp": [datetime(2025, 1, 2, tzinfo=UTC) + timedelta(minutes=7 * i) for i in range(len(names))],
        },
        schema_overrides={"timestamp": INSTANT},
    )


JANUARY = {"since": "2025-01-01", "as_of": "2025-02-01"}


def only_row(entry: dict[str, Any], **given: Any) -> dict[str, Any]:
    (row,) = one(entry, **given).view.table.to_dicts()
    return row


@pytest.mark.parametrize(
    ("measure", "expected"), [("retention_rate", 0.70), ("churn_rate", 0.30), ("net_growth_rate", 0.20)]
)
def test_10_000_subscribers_5_000_join_12_000_at_the_end(measure: str, expected: float) -> None:
    # 7,000 of the 10,000 stay, 3,000 leave; 5,000 join and all stay. The 20 % is growth, not retention.
    export = subscriptions(
        (7_000, "2024-06-01", None), (3_000, "2024-06-01", "2025-07-01"), (5_000, "2025-03-01", None)
    )
    entry = {"type": "subscription", "measure": measure, "every": "12mo"}
    row = only_row(entry, asked={"since": "2025-01-01", "as_of": "2026-01-01"}, subscriptions=export)
    assert row[measure] == pytest.approx(expected)
    assert (row["period_start"], row["period_end"], row["complete"]) == ("2025-01-01", "2026-01-01", True)
    assert (row["start"], row["end"]) == (10_000, 12_000)


def test_100_of_1_000_gone_at_month_end_is_a_churn_of_10_percent() -> None:
    export = subscriptions((900, "2024-06-01", None), (100, "2024-06-01", "2025-01-31"))
    row = only_row({"type": "subscription", "measure": "churn_rate"}, asked=JANUARY, subscriptions=export)
    assert row["churn_rate"] == pytest.approx(0.10)
    assert (row["start"], row["lost"]) == (1_000, 100)


def test_100_dollars_a_month_for_a_year_is_a_lifetime_value_of_1_200() -> None:
    export = pl.DataFrame(
        {
            "customer": [f"c{i}" for i in range(40) for _ in range(12)],
            "event": "purchase",
            "timestamp": [f"2025-{month + 1:02}-01" for _ in range(40) for month in range(12)],
            "value": 100.0,
        }
    )
    entry = {"type": "clv", "method": "simple", "lifespan": 1}
    row = only_row(entry, asked={"since": "2025-01-01", "until": "2026-01-01"}, events=export)
    assert (row["clv"], row["average_value"], row["purchases_per_year"]) == pytest.approx((1_200, 100, 12))


def test_300_promoters_and_100_detractors_of_500_are_an_nps_of_40() -> None:
    scores = [10] * 300 + [8] * 100 + [3] * 100
    export = pl.DataFrame(
        {
            "customer": [f"c{i}" for i in range(500)],
            "survey": "nps",
            "timestamp": [datetime(2025, 1, 5, tzinfo=UTC)] * 500,
            "score": scores,
        },
        schema_overrides={"timestamp": INSTANT},
    )
    row = only_row({"type": "survey", "measure": "nps"}, asked=JANUARY, surveys=export)
    assert row["nps"] == pytest.approx(40)
    assert row["standard_error"] == pytest.approx(3.58, abs=0.005)
    assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(7.0, abs=0.05)
    assert (row["promoters"], row["passives"], row["detractors"], row["n"]) == (300, 100, 100, 500)


def test_sessions_average_five_minutes() -> None:
    starts = [datetime(2025, 1, 2, 10, tzinfo=UTC) + timedelta(days=day) for day in range(4)]
    ends = [start + timedelta(minutes=minutes) for start, minutes in zip(starts, (2, 4, 6, 8), strict=True)]
    export = pl.DataFrame(
        {"customer": "a", "event": "view", "timestamp": starts + ends}, schema_overrides={"timestamp": INSTANT}
    )
    row = only_row({"type": "sessions", "every": "total"}, asked=JANUARY, events=export)
    assert row["mean_seconds"] / 60 == 5.0
    assert row["sessions"] == 4


def test_100_clicks_of_1_000_impressions_are_a_click_through_rate_of_10_percent() -> None:
    entry = {
        "type": "ratio",
        "unit": "share",
        "numerator": {"count": "events", "events": ["click"]},
        "denominator": {"count": "events", "events": ["impression"]},
    }
    row = only_row(entry, asked=JANUARY, events=events(impression=1_000, click=100))
    assert (row["value"], row["numerator"], row["denominator"]) == pytest.approx((0.10, 100, 1_000))


def test_likes_shares_and_comments_of_10_000_followers_are_an_engagement_rate_of_7_5_percent() -> None:
    # Followers are a stock: those of the period's end count, not those of every day added up.
    audience = pl.DataFrame(
        {"date": ["2025-01-15", "2025-01-31"], "account": ["main", "main"], "followers": [9_000, 10_000]}
    )
    entry = {
        "type": "ratio",
        "unit": "share",
        "numerator": {"count": "events", "events": ["like", "share", "comment"]},
        "denominator": {"last": "followers", "source": "audience"},
    }
    finished = one(entry, asked=JANUARY, events=events(like=500, share=200, comment=50), audience=audience)
    (row,) = finished.view.table.to_dicts()
    assert (row["value"], row["numerator"], row["denominator"]) == pytest.approx((0.075, 750, 10_000))
    assert "followers from audience" in finished.view.semantics  # the denominator is always named


def test_weights_of_2_and_minus_1_make_a_raw_score_of_2() -> None:
    settings = {"events": {"a": {"weight": 2}, "b": {"weight": -1}}}
    row = only_row({"type": "score"}, settings=settings, asked=JANUARY, events=single_customer(a=3, b=4))
    assert row["mean_raw"] == 2


def single_customer(**counts: int) -> pl.DataFrame:
    """So many events of each name, by one customer at the end of January 2025."""
    names = [name for name, count in counts.items() for _ in range(count)]
    return pl.DataFrame(
        {
            "customer": "x",
            "event": names,
            "timestamp": [datetime(2025, 1, 20, tzinfo=UTC) + timedelta(hours=i) for i in range(len(names))],
        },
        schema_overrides={"timestamp": INSTANT},
    )
