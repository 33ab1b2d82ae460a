"""Runs the SQL of the folder `sql` in a process of its own, one file after another.

python duckdb_report.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS AUDIENCE
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

THREADS = 2
SCRIPTS = sorted((Path(__file__).parent / "sql").glob("*.sql"))
SOURCES = ("events", "surveys", "subscriptions", "customers", "audience")


def main(out: str, *paths: str) -> None:
    """Write the scripts' `result` to a Parquet file; `events` may be a glob."""
    with duckdb.connect() as connection:
        connection.execute(f"SET threads = {THREADS}")
        connection.execute("SET TimeZone = 'UTC'")
        for name, path in zip(SOURCES, paths, strict=True):
            connection.execute(f"SET VARIABLE {name} = ?", [path])
        for script in SCRIPTS:
            connection.execute(script.read_text())
        connection.table("result").write_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
