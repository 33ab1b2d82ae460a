"""Random subscriptions, surveys and customers for judges: ties, gapless changes, trials, rows of nobody."""

from __future__ import annotations

import random
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

INSTANT = pl.Datetime("us", "UTC")


def random_subscriptions(dice: random.Random, first: date, *, customers: int = 8, days: int = 150) -> pl.DataFrame:
    """Chains of subscriptions: gapless changes of plan, gaps, trials that convert or do not, and some that overlap."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    people: list[str | None] = [None, *(f"{n:03}" for n in range(customers))]
    rows = []
    for person in people:
        time = start + timedelta(hours=6 * dice.randrange(days * 2))
        for _ in range(dice.choice([1, 2, 3, 4])):
            trial = time + timedelta(hours=6 * dice.choice([8, 20, 56])) if dice.random() < 0.4 else None
            ended = time + timedelta(hours=6 * dice.choice([4, 8, 20, 56, 120, 300]))
            running = dice.random() < 0.2
            rows.append(
                {
                    "customer": person,
                    "plan": dice.choice([None, "free", "pro", "team"]),
                    "started": time,
                    "ended": None if running else ended,
                    "trial_ends": trial,
                    "mrr": dice.choice([None, 0.0, 9.99, 19.0, 19.0, 49.9]),
                    "billing": dice.choice(["month", "Yearly", "weekly", "quarter", None]),
                }
            )
            time = dice.choice([ended, ended, ended + timedelta(days=dice.randrange(40)), time])
    schema = {
        "customer": pl.String,
        "plan": pl.String,
        "started": INSTANT,
        "ended": INSTANT,
        "trial_ends": INSTANT,
        "mrr": pl.Float64,
        "billing": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def random_surveys(
    dice: random.Random, first: date, *, rows: int = 120, customers: int = 12, days: int = 70
) -> pl.DataFrame:
    """Answers on a coarse grid, so that a customer gives several at once; some off the scale, of nobody, of no kind."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    people: list[str | None] = [None, *(f"{n:03}" for n in range(customers))]
    found = []
    for _ in range(rows):
        kind = dice.choice(["nps", "NPS ", "csat", "effort", None])
        score = dice.choice([*range(12), 3.5, -1])
        found.append(
            {
                "customer": dice.choice(people),
                "survey": kind,
                "timestamp": start + timedelta(hours=12 * dice.randrange(days * 2)),
                "score": float(score),
                "comment": dice.choice([None, "fine", "poor"]),
            }
        )
    schema = {
        "customer": pl.String,
        "survey": pl.String,
        "timestamp": INSTANT,
        "score": pl.Float64,
        "comment": pl.String,
    }
    return pl.DataFrame(found, schema=schema)


def countries(dice: random.Random, customers: int = 12) -> pl.DataFrame:
    """A customers export that knows the country of some."""
    return pl.DataFrame(
        [{"customer": f"{n:03}", "country": dice.choice(["FR", "BR", None])} for n in range(customers)],
        schema={"customer": pl.String, "country": pl.String},
    )


def shuffled(table: pl.DataFrame, dice: random.Random) -> pl.DataFrame:
    """The same rows in another order."""
    order = list(range(table.height))
    dice.shuffle(order)
    return table[order]


def month_bounds(first: date, months: int, zone: str) -> list[tuple[str, datetime]]:
    """Local month starts from that of `first` on, as ISO date and instant in UTC (first instant of the local day)."""
    found = []
    for month in range(first.year * 12 + first.month - 1, first.year * 12 + first.month + months):
        day = date(month // 12, month % 12 + 1, 1)
        local = datetime(day.year, day.month, 1, tzinfo=ZoneInfo(zone))
        found.append((day.isoformat(), local.astimezone(UTC)))
    return found


def load(connection: duckdb.DuckDBPyConnection, name: str, table: pl.DataFrame) -> None:
    """A frame as a table of the judge's; instants become timestamps in UTC without a zone."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.parquet"
        table.with_columns(pl.col(INSTANT).dt.replace_time_zone(None)).write_parquet(file)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{file}')")
