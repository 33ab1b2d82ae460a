"""The shipped sample for SQL: its events as the program takes them, aliases resolved and exact repeats left out."""

from __future__ import annotations

import duckdb

from engagement_cli.samples.shipped import shipped_sample

_EVENTS = """
    CREATE TABLE e AS
    SELECT coalesce(i.user_id, r.user_id) AS customer, r.event_name AS event, r.feature, r.campaign,
           r.ticket_id AS ticket, r.sentiment::DOUBLE AS sentiment,
           try_cast(r.occurred_at AS TIMESTAMPTZ)::TIMESTAMP AS ts
    FROM read_csv('{events}', all_varchar = true) r
    LEFT JOIN read_csv('{identities}', all_varchar = true) i ON i.alias = r.user_id
    WHERE try_cast(r.occurred_at AS TIMESTAMPTZ) IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY customer, r.event_id) = 1;
    CREATE TABLE june AS SELECT * FROM e WHERE ts >= '2025-06-01' AND ts < '2025-07-01';
"""


def sample_in_duckdb() -> duckdb.DuckDBPyConnection:
    """A database with the events in `e`, and those of June 2025, the last complete month, in `june`."""
    events = shipped_sample()["events"]
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(_EVENTS.format(events=events, identities=events.parent / "identities.csv"))
    return connection


def judged(sql: duckdb.DuckDBPyConnection, query: str) -> float:
    """The one number that a query gives."""
    found = sql.execute(query).fetchone()
    assert found is not None
    return float(found[0])
