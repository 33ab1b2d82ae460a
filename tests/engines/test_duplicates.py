"""Duplicates are found within a customer, and the earliest is kept, however the work is divided."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from support.measuring import measured

from engagement_cli.engines.plan import Limits

METRICS: dict[str, dict[str, Any]] = {
    "events": {"type": "aggregate", "count": "events", "every": "day"},
    "customers": {"type": "aggregate", "count": "customers", "every": "total"},
    "value": {"type": "aggregate", "sum": "value", "every": "day"},
    "median": {"type": "aggregate", "median": "value", "every": "total"},
}


def settings(dedupe: str) -> dict[str, Any]:
    columns = {"id": "event_id"} if dedupe == "id" else {}
    return {"sources": {"events": {"path": ["any"], "dedupe": dedupe, "columns": columns}}}


def repeated(dice: random.Random) -> pl.DataFrame:
    """Rows whose ids come several times: at other times, with other values, of other customers, of nobody, of none."""
    start = datetime(2025, 3, 1, tzinfo=UTC)
    rows = [
        {
            "customer": dice.choice([None, "a", "b", "c", "d"]),
            "event": dice.choice(["x", "y"]),
            "timestamp": start + timedelta(hours=6 * dice.randrange(40)),
            "event_id": dice.choice([None, *(f"e{n}" for n in range(40))]),
            "value": dice.choice([None, 1.5, 2.25]),
        }
        for _ in range(150)
    ]
    schema: dict[str, Any] = {"customer": pl.String, "event": pl.String, "timestamp": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema={**schema, "event_id": pl.String, "value": pl.Float64})


def outcome(events: pl.DataFrame, dedupe: str, buckets: int, **more: Any) -> tuple[list[pl.DataFrame], dict[str, Any]]:
    answer = measured(METRICS, settings=settings(dedupe), limits=Limits(buckets=buckets), events=events, **more).answer
    return [metric.view.table for metric in answer.metrics], answer.waterfall()


@pytest.mark.parametrize("dedupe", ["id", "row", "none"])
@pytest.mark.parametrize("seed", range(3))
def test_buckets_and_order_of_rows_are_of_no_matter(dedupe: str, seed: int) -> None:
    dice = random.Random(seed)
    events = repeated(dice)
    events = pl.concat([events, events.head(30)])
    tables, waterfall = outcome(events, dedupe, 1)
    for buckets in (7, 64):
        mixed = events.sample(fraction=1, shuffle=True, seed=seed)
        again, same = outcome(mixed, dedupe, buckets)
        assert same == waterfall
        assert all(a.equals(b) for a, b in zip(tables, again, strict=True))


@pytest.mark.parametrize("seed", range(3))
def test_an_id_counts_once_a_customer_at_its_earliest(seed: int) -> None:
    events = repeated(random.Random(seed))
    with_id = events.filter(pl.col("event_id").is_not_null()).sort("timestamp")
    kept = pl.concat(
        [with_id.unique(["customer", "event_id"], keep="first"), events.filter(pl.col("event_id").is_null())]
    )
    (found, customers, _, _), waterfall = outcome(events, "id", 7)
    days = kept.group_by(pl.col("timestamp").dt.date().cast(pl.String).alias("period_start")).len("value")
    joined = found.select("period_start", "value").join(days, on="period_start", how="left", suffix="_wanted")
    assert (joined["value"] == joined["value_wanted"].fill_null(0)).all()
    assert customers["value"].item() == 4
    assert (waterfall["duplicate"], waterfall["used"]) == (events.height - kept.height, kept.height)


@pytest.mark.parametrize("seed", range(3))
def test_whole_rows_count_once_and_all_columns_are_compared(seed: int) -> None:
    events = repeated(random.Random(seed)).drop("event_id").with_columns(note=pl.Series(["p", "q"] * 75))
    events = pl.concat([events, events.head(60)])
    once = events.unique()
    (_, _, value, _), waterfall = outcome(events, "row", 7)
    assert (waterfall["duplicate"], waterfall["used"]) == (events.height - once.height, once.height)
    assert value["value"].sum() == pytest.approx(once["value"].sum())


def test_honest_identical_rows_stay_unless_asked() -> None:
    events = repeated(random.Random(0))
    _, waterfall = outcome(pl.concat([events, events]), "none", 7)
    assert (waterfall["duplicate"], waterfall["used"]) == (0, 300)


def test_a_duplicate_before_since_takes_its_later_copies_along() -> None:
    events = """
        customer,event,timestamp,event_id,value
        a,x,2025-03-01T10:00:00Z,e1,1
        a,x,2025-03-05T10:00:00Z,e1,1
        a,x,2025-03-05T11:00:00Z,e2,1
    """
    asked = {"since": "2025-03-04", "as_of": "2025-03-06"}
    answer = measured(METRICS, settings=settings("id"), asked=asked, events=events).answer
    assert answer.metrics[0].view.table["value"].to_list() == [0, 1]
    waterfall = answer.waterfall()
    assert [waterfall[name] for name in ("read", "duplicate", "outside", "used")] == [3, 1, 1, 1]
