"""A generated export, read for the tests that look at how its customers behave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Export:
    """Tables of a generated export."""

    events: pl.DataFrame
    subscriptions: pl.DataFrame
    surveys: pl.DataFrame
    customers: pl.DataFrame


def read_export(folder: Path) -> Export:
    """The tables of a generated export whose events are one Parquet file; instants read, rows of nobody left out."""
    events = (
        pl.read_parquet(folder / "events.parquet").drop_nulls(["user_id", "occurred_at"]).rename({"occurred_at": "at"})
    )
    times = ("started_at", "ended_at", "trial_ends_at", "answered_at", "signed_up_at")

    def read(table: str) -> pl.DataFrame:
        frame = pl.read_csv(folder / f"{table}.csv", infer_schema=False)
        known = [name for name in times if name in frame.columns]
        return frame.with_columns(pl.col(known).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="ms", time_zone="UTC"))

    subscriptions = read("subscriptions").with_columns(pl.col("mrr").cast(pl.Float64))
    surveys = read("surveys").with_columns(pl.col("score").cast(pl.Int64))
    return Export(events, subscriptions, surveys, read("customers"))


def ended_by_leaving(export: Export) -> pl.DataFrame:
    """Paid rows after whose end the customer had none."""
    rows = export.subscriptions.sort("user_id", "started_at")
    following = pl.col("started_at").shift(-1).over("user_id")
    paid = pl.col("trial_ends_at").is_null() | (pl.col("ended_at") > pl.col("trial_ends_at"))
    changed = (following == pl.col("ended_at")).fill_null(False)
    return rows.filter(pl.col("ended_at").is_not_null() & paid & ~changed)
