"""A preset on a small generated sample of its sector, with DuckDB on the same files to judge it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from engagement_cli.commands.options import Choice, Inputs, Options, Output, Running, Time
from engagement_cli.commands.session import Session, open_session
from engagement_cli.pipeline import Outcome
from engagement_cli.samples.generator import generate
from engagement_cli.settings.presets import shipped_preset
from engagement_cli.settings.yaml_lines import read_yaml

SOURCES = ("events", "surveys", "subscriptions", "customers", "audience", "identities")


@dataclass(frozen=True)
class Measured:
    """Every metric of a preset on a sample; `own` are the metrics that the preset's file says something about."""

    folder: Path
    session: Session
    outcome: Outcome
    own: tuple[str, ...]

    def values(self, metric: str) -> dict[str, float]:
        """The first measure of everybody's complete periods (of a retention: cohorts), by their first day."""
        found = next(m for m in self.outcome.answer.metrics if m.name == metric)
        primary = pl.col("measure") == found.view.measures[0].column
        rows = found.rows.filter(primary, pl.col("segments") == "", pl.col("complete"), pl.col("value").is_not_null())
        starts = pl.coalesce("period_start", "cohort_start", pl.lit("")).str.head(10)
        return dict(rows.select(starts, "value").iter_rows())


def measure_preset(name: str, folder: Path, *, customers: int = 110, days: int = 170) -> Measured:
    """Write a sample of the preset's sector into `folder` and measure every metric of the preset on it."""
    generate(folder, customers=customers, days=days, sector=name)
    lines = ["version: 1", f"extends: {name}", "sources:"]
    lines += [f"  {source}: {{path: {source}.csv}}" for source in SOURCES if (folder / f"{source}.csv").exists()]
    (folder / "engagement.yaml").write_text("\n".join(lines) + "\n")
    inputs = Inputs(config=folder / "engagement.yaml")
    session = open_session(Options(inputs, Time(), Choice(), Output(quiet=True), Running()))
    tree, _ = read_yaml(shipped_preset(name))
    return Measured(
        folder,
        session,
        session.ask(session.settings.metrics, lenient=True),
        tuple(tree.entries["metrics"].entries),
    )


@cache
def measured_once(preset: str, base: Path) -> Measured:
    """As `measure_preset`, in a folder of `base` named as the preset, once a run."""
    return measure_preset(preset, base / preset)


@cache
def judge_once(folder: Path) -> duckdb.DuckDBPyConnection:
    """As `judge`, once a run."""
    return judge(folder)


def judge(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection with `e`: events whose time can be read, aliases resolved, with customer (or none), `ts`."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"""
        CREATE TABLE e AS
        SELECT r.* EXCLUDE (user_id, event_name), coalesce(i.user_id, r.user_id) AS customer, r.event_name AS event,
               try_cast(r.occurred_at AS TIMESTAMPTZ)::TIMESTAMP AS ts
        FROM read_csv('{folder / "events.csv"}', all_varchar = true) r
        LEFT JOIN read_csv('{folder / "identities.csv"}', all_varchar = true) i ON i.alias = r.user_id
        WHERE try_cast(r.occurred_at AS TIMESTAMPTZ) IS NOT NULL
        """
    )
    return connection


def sessions(predicate: str, minutes: int) -> str:
    """SQL of sessions (customer, begun, seconds, events) of the events that fit, with no gap above so many minutes."""
    return f"""(
        SELECT customer, min(ts) AS begun, epoch(max(ts) - min(ts)) AS seconds, count(*) AS events
        FROM (SELECT customer, ts, sum(CASE WHEN ts - earlier <= to_minutes({minutes}) THEN 0 ELSE 1 END)
                     OVER (PARTITION BY customer ORDER BY ts ROWS UNBOUNDED PRECEDING) AS number
              FROM (SELECT customer, ts, lag(ts) OVER (PARTITION BY customer ORDER BY ts) AS earlier
                    FROM e WHERE customer IS NOT NULL AND {predicate}))
        GROUP BY customer, number)"""


def judged(
    connection: duckdb.DuckDBPyConnection, every: str, value: str, table: str, at: str = "ts"
) -> dict[str, float]:
    """What an aggregate of a table is in each period, by the period's first day."""
    sql = f"SELECT date_trunc('{every}', {at}) AS period, {value} AS value FROM {table} GROUP BY period ORDER BY period"
    return {period.isoformat()[:10]: found for period, found in connection.execute(sql).fetchall()}
