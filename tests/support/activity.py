"""What the judges of activity share: a random question, and the SQL of who was active in which period of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from support.judging import asked_of_duckdb
from support.random_data import Export, local_periods, random_export, thousand_names

# acts: the active rows; inside: who was active in which period of the range; shown: these periods, first to last.
PRELUDE = """
WITH acts AS (
    SELECT customer, timestamp AS t, unnest({labels}) AS segments
    FROM events WHERE customer IS NOT NULL AND {counted}
), shown AS (
    SELECT *, starts >= '{since}' AND ends <= least(TIMESTAMPTZ '{as_of}', TIMESTAMPTZ '{until}') AS whole
    FROM periods WHERE ends > '{since}' AND starts < '{until}'
), inside AS (
    SELECT DISTINCT customer, number AS p, segments FROM acts JOIN shown ON t >= starts AND t < ends
    WHERE t >= '{since}' AND t < '{until}'
)
"""


@dataclass(frozen=True)
class Asked:
    """A random export and question: the entry's common part, the range as the program takes it, and as SQL does."""

    export: Export
    entry: dict[str, Any]
    range: dict[str, str]
    said: dict[str, Any]
    every: str

    def judged(self, sql: str, **said: Any) -> list[dict[str, Any]]:
        """What DuckDB answers, with `periods` and `days` as tables."""
        times = self.export.events["timestamp"]
        first, last = times.min(), times.max() + timedelta(days=40)
        return asked_of_duckdb(
            (PRELUDE + sql).format(**self.said, **said),
            events=self.export.events,
            periods=local_periods(self.export.zone, self.every, first, last),
            days=local_periods(self.export.zone, "day", first, last),
        )


def random_question(dice: random.Random, kind: str, grains: tuple[str, ...], *, seed: int) -> Asked:
    """Some seeds are special: 0 has a thousand event names, 1 a single customer."""
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    rows = 1500 if seed == 0 else dice.choice([12, 60, 150])
    export = random_export(dice, rows=rows, names=names, customers=1 if seed == 1 else 8)
    times: pl.Series = export.events["timestamp"]
    first, last = times.min(), times.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    every = dice.choice(grains)
    middle = local_periods(export.zone, every, first, last).filter(pl.col("starts").is_between(first, last))["starts"]
    since = first + dice.choice([timedelta(), timedelta(days=3, hours=5), timedelta(days=-3)])
    since = middle[0] if len(middle) and dice.random() < 0.4 else since
    until = dice.choice([last + timedelta(seconds=1), last + timedelta(days=-4, hours=2), last + timedelta(days=2)])
    until = max(until, since + timedelta(hours=7))
    as_of = until - dice.choice([timedelta(), timedelta(), timedelta(days=3), timedelta(hours=5)])
    entry: dict[str, Any] = {"type": kind, "every": every, "active": ["a", "b"]}
    counted, labels = "event IN ('a', 'b')", "['']"
    if dice.random() < 0.3:
        entry["where"], counted = "basket <> 'p'", f"{counted} AND basket <> 'p'"
    if dice.random() < 0.5:
        entry["by"], labels = ["channel"], "['', 'channel=' || coalesce(channel, '(none)')]"
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    said = {"since": since, "until": until, "as_of": as_of, "counted": counted, "labels": labels}
    return Asked(export, entry, asked, said, every)
