"""The worked examples about subscribers and answers, exactly as METRICS has them; and what the entries refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError
from support.measuring import one

from engagement_cli.errors import UserError
from engagement_cli.metrics.registry import METRIC_TYPES

YEAR = {"since": "2024-01-01", "until": "2025-01-01", "as_of": "2025-01-01"}


def subscribers() -> pl.DataFrame:
    """10,000 on 1 January of whom 3,000 leave, and 5,000 who join in the year and stay: 12,000 on 31 December."""
    number = pl.int_range(15_000, eager=True)
    return pl.DataFrame({"customer": number.cast(pl.String), "mrr": pl.repeat(10.0, 15_000, eager=True)}).with_columns(
        started=pl.when(number < 10_000)
        .then(datetime(2023, 6, 1, tzinfo=UTC))
        .otherwise(datetime(2024, 5, 1, tzinfo=UTC)),
        ended=pl.when(number < 3_000).then(datetime(2024, 9, 1, tzinfo=UTC)),
    )


@pytest.mark.parametrize("every", ["total", "12mo"])
@pytest.mark.parametrize(
    ("measure", "expected"), [("retention_rate", 0.7), ("churn_rate", 0.3), ("net_growth_rate", 0.2)]
)
def test_ten_thousand_subscribers(measure: str, expected: float, every: str) -> None:
    entry = {"type": "subscription", "measure": measure, "every": every}
    metric = one(entry, asked=YEAR, subscriptions=subscribers())
    (row,) = metric.view.table.to_dicts()
    assert row[measure] == expected
    assert (row["start"], row["joined"], row["end"], row["complete"]) == (10_000, 5_000, 12_000, True)
    # From totals: those at the end who had not joined meanwhile.
    assert measure != "retention_rate" or (row["end"] - row["joined"]) / row["start"] == expected


def test_one_thousand_active_of_whom_one_hundred_leave() -> None:
    number = pl.int_range(1_000, eager=True)
    export = pl.DataFrame({"customer": number.cast(pl.String)}).with_columns(
        started=pl.lit(datetime(2024, 12, 1, tzinfo=UTC)),
        ended=pl.when(number < 100).then(datetime(2025, 1, 20, tzinfo=UTC)),
    )
    metric = one(
        {"type": "subscription", "measure": "churn_rate"},
        asked={"since": "2025-01-01", "as_of": "2025-02-01"},
        subscriptions=export,
    )
    assert metric.view.table["churn_rate"].to_list() == [0.1]
    assert metric.rows.select("value", "numerator", "denominator", "unit").row(0) == (0.1, 100.0, 1000.0, "share")


def test_net_promoter_score_of_five_hundred_answers() -> None:
    export = pl.DataFrame(
        {
            "customer": pl.int_range(500, eager=True).cast(pl.String),
            "survey": ["nps"] * 500,
            "timestamp": [datetime(2025, 1, 10, tzinfo=UTC)] * 500,
            "score": [9] * 300 + [8] * 100 + [3] * 100,
        }
    )
    metric = one(
        {"type": "survey", "measure": "nps"}, asked={"since": "2025-01-01", "as_of": "2025-02-01"}, surveys=export
    )
    (row,) = metric.view.table.to_dicts()
    assert row["nps"] == 40.0
    assert round(row["standard_error"], 2) == 3.58
    assert [round(row["ci_high"] - 40, 1), round(40 - row["ci_low"], 1)] == [7.0, 7.0]
    assert metric.view.columns == (
        *("period_start", "period_end", "segments", "nps", "ci_low", "ci_high"),
        *("promoters", "passives", "detractors", "n", "complete"),
    )


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "subscription", "measure": "nrr", "trials": "include"}, "nrr leaves trials out"),
        ({"type": "subscription", "measure": "churn_rate", "term": "month"}, "term: goes with renewal_rate"),
        ({"type": "subscription", "measure": "churn"}, "churn_rate"),
        ({"type": "survey", "measure": "nps", "scale": [1, 5]}, "0 to 10"),
        ({"type": "survey", "measure": "nps", "satisfied_from": 4}, "goes with csat"),
        ({"type": "survey", "measure": "csat", "scale": [1, 7]}, "required on a scale of 1 to 7"),
        ({"type": "survey", "measure": "csat", "satisfied_from": 6}, "outside the scale"),
        ({"type": "survey", "measure": "rating", "scale": [5, 1]}, "lowest to the highest"),
    ],
)
def test_entries_that_make_no_sense_are_refused(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        METRIC_TYPES[entry["type"]].Parameters.model_validate(entry)


EVENTS = "customer,event,timestamp,channel\na,x,2025-01-01T00:00:00Z,app\nb,x,2025-01-09T00:00:00Z,web"


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "subscription", "measure": "churn_rate", "by": ["channel"]},
        {"type": "survey", "measure": "nps", "by": ["channel"]},
        {"type": "score", "by": ["channel"]},
    ],
)
def test_a_column_of_events_breaks_down_nothing_that_customers_have(entry: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="channel is a column of events"):
        one(
            entry,
            settings={"events": {"x": {"weight": 1}}},
            events=EVENTS,
            surveys="customer,survey,timestamp,score\na,nps,2025-01-01T00:00:00Z,9",
            subscriptions="customer,started\na,2025-01-01T00:00:00Z",
        )


def test_a_filter_that_does_not_fit_the_export_is_a_clear_error() -> None:
    with pytest.raises(UserError, match="no column 'colour' in the surveys export"):
        one(
            {"type": "survey", "measure": "nps", "where": "colour = 'red'"},
            surveys="customer,survey,timestamp,score\na,nps,2025-01-01T00:00:00Z,9",
        )
