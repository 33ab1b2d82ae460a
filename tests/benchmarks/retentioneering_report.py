"""Sessions by retentioneering: the feature that it shares with the report by the same definition.

python retentioneering_report.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS AUDIENCE

It splits each path where nothing happens for more than 30 minutes; what is summed over these sessions is pandas.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
from retentioneering import Eventstream

COLUMNS = {"user_id": "user_id", "event_name": "event", "occurred_at": "timestamp"}
NO_SESSION = ["email_delivered", "email_opened", "ad_impression", "ticket_replied", "ticket_resolved", "refund"]


def main(out: str, events: str, *_: str) -> None:
    """Write one number a row to a Parquet file; `events` may be a glob."""
    parts = [
        pd.read_parquet(path, columns=list(COLUMNS)) for path in sorted(Path(events).parent.glob(Path(events).name))
    ]
    rows = pd.concat(parts, ignore_index=True).dropna().rename(columns=COLUMNS)
    rows["timestamp"] = rows["timestamp"].dt.tz_localize(None)
    stream = Eventstream(rows[~rows["event"].isin(NO_SESSION)])
    rows = stream.split_sessions(timeout="30m").to_dataframe()
    each = rows.groupby("session_id").agg(
        customer=("user_id", "first"), first=("timestamp", "min"), last=("timestamp", "max"), events=("event", "size")
    )
    each["seconds"] = (each["last"] - each["first"]).dt.total_seconds()
    each["single"] = each["events"] == 1
    sums = each.groupby(each["first"].dt.to_period("M").dt.start_time).agg(
        sessions=("seconds", "size"),
        customers=("customer", "nunique"),
        mean_seconds=("seconds", "mean"),
        median_seconds=("seconds", "median"),
        events_per_session=("events", "mean"),
        single_event_sessions=("single", "sum"),
        single_event_share=("single", "mean"),
        total=("seconds", "sum"),
    )
    sums["sessions_per_customer"] = sums["sessions"] / sums["customers"]
    sums["seconds_per_customer"] = sums.pop("total") / sums["customers"]
    table = sums.astype("float64").stack().rename_axis(["period_start", "measure"]).rename("value").reset_index()
    table["period_start"] = table["period_start"].dt.date
    table.assign(metric="sessions", segments="", cohort_start=None, index=None).to_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
