"""Runs report.sql in a process of its own.

python duckdb_report.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

THREADS = 2
SCRIPT = Path(__file__).with_name("report.sql")


def main(out: str, events: str, surveys: str, subscriptions: str, customers: str) -> None:
    """Write the script's `result` to a Parquet file; `events` may be a glob."""
    paths = {"events": events, "surveys": surveys, "subscriptions": subscriptions, "customers": customers}
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {THREADS}")
        connection.execute("SET TimeZone = 'UTC'")
        for name, path in paths.items():
            connection.execute(f"SET VARIABLE {name} = ?", [path])
        connection.execute(SCRIPT.read_text())
        connection.table("result").write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
