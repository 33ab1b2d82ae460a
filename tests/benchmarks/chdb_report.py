"""Runs the ClickHouse SQL of the folder `clickhouse` in chDB, in a process of its own, one file after another.

python chdb_report.py OUT.parquet EVENTS SURVEYS SUBSCRIPTIONS CUSTOMERS AUDIENCE
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from chdb.session import Session

SCRIPTS = sorted((Path(__file__).parent / "clickhouse").glob("*.sql"))
SOURCES = ("events", "surveys", "subscriptions", "customers", "audience")
SETTINGS = {"max_threads": 2, "session_timezone": "'UTC'", "prefer_column_name_to_alias": 1}
NAMES = "SELECT arraySort(groupUniqArray(event_name)) AS names FROM file('{events}', Parquet)"
RESULT = (
    "SELECT * REPLACE (if(isFinite(value), value, NULL) AS value) FROM result "
    "INTO OUTFILE '{out}' TRUNCATE FORMAT Parquet"
)


def main(out: str, *paths: str) -> None:
    """Write the scripts' `result` to a Parquet file; `events` may be a glob."""
    said = dict(zip(SOURCES, paths, strict=True))
    with tempfile.TemporaryDirectory(prefix="chdb-") as folder:
        session = Session(folder)
        session.query("CREATE DATABASE benchmark")
        session.query("USE benchmark")
        for name, value in SETTINGS.items():
            session.query(f"SET {name} = {value}")
        names = json.loads(session.query(NAMES.format(**said), "JSONEachRow").bytes())["names"]
        said["names"] = "Enum8(" + ", ".join(f"\\'{name}\\' = {n}" for n, name in enumerate(names, 1)) + ")"
        for script in SCRIPTS:
            for statement in script.read_text().split(";\n"):
                if statement.strip():
                    session.query(statement.format(**said))
        session.query(RESULT.format(out=out))
        session.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
