"""Random aggregates with the SQL that lists their contributions, for the judges of `aggregate` and `ratio`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl
from support.random_data import Export, local_periods

LABELS = {
    "channel": "'channel=' || coalesce(channel, '(none)')",
    "country": "'country=' || coalesce(country, '(none)')",
}
# inside: the rows of the range, once for everybody and once for their segment; self names a row of nobody.
PRELUDE = """
WITH numbered AS (SELECT *, 'row ' || row_number() OVER () AS self FROM events),
known AS (SELECT customer AS known, any_value(country) AS country FROM customers GROUP BY 1),
shown AS (
    SELECT *, {whole} AS whole FROM periods WHERE ends > '{since}' AND starts < '{until}'
), inside AS (
    SELECT numbered.*, number, unnest({labels}) AS segments
    FROM numbered JOIN shown ON "timestamp" >= starts AND "timestamp" < ends LEFT JOIN known ON known = customer
    WHERE "timestamp" >= '{since}' AND "timestamp" < '{until}'
)
"""


@dataclass(frozen=True)
class Side:
    """An aggregate as YAML has it, and its contributions: `segments, number, customer, self, amount`."""

    entry: dict[str, Any]
    sql: str


@dataclass(frozen=True)
class AskedRange:
    """A random range as the program takes it, and the periods of a grain that SQL joins."""

    range: dict[str, str]
    every: str
    periods: pl.DataFrame
    since: datetime
    until: datetime
    as_of: datetime

    def prelude(self, by: Sequence[str]) -> str:
        """The common tables of a query."""
        whole = "TRUE"
        if self.every != "total":
            whole = (
                f"starts >= '{self.since}' AND ends <= least(TIMESTAMPTZ '{self.as_of}', TIMESTAMPTZ '{self.until}')"
            )
        labels = "['', " + " || ';' || ".join(LABELS[name] for name in by) + "]" if by else "['']"
        return PRELUDE.format(since=self.since, until=self.until, whole=whole, labels=labels)


def random_range(
    dice: random.Random,
    export: Export,
    grains: Sequence[str] = ("hour", "day", "week", "month", "total"),
) -> AskedRange:
    """A range around or inside the export's rows."""
    first, last = export.events["timestamp"].min(), export.events["timestamp"].max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    since = first + dice.choice([timedelta(), timedelta(days=2, hours=5), timedelta(days=-3)])
    until = last + dice.choice([timedelta(seconds=1), timedelta(days=-3, hours=2), timedelta(days=2)])
    until = max(until, since + timedelta(hours=7))
    as_of = until - dice.choice([timedelta(), timedelta(), timedelta(days=3), timedelta(hours=5)])
    every = dice.choice(grains)
    if every == "total":
        periods = pl.DataFrame({"number": [0], "starts": [since], "ends": [until]})
    else:
        periods = local_periods(export.zone, every, min(first, since), max(last, until))
    asked = {"since": since.isoformat(), "until": until.isoformat(), "as_of": as_of.isoformat()}
    return AskedRange(asked, every, periods, since, until, as_of)


def random_side(dice: random.Random) -> Side:
    """A count, a sum or distinct values, of some events."""
    names = dice.choice([None, ["a"], ["a", "b"], ["c", "x"]])
    where = dice.choice([None, None, "value > 1", "channel = 'app' OR value IS NULL"])
    entry: dict[str, Any] = {}
    parts = []
    if names is not None:
        entry["events"] = names
        parts.append(f"event IN ({', '.join(repr(name) for name in names)})")
    if where is not None:
        entry["where"] = where
        parts.append(f"({where})")
    chosen = f"FROM inside WHERE {' AND '.join(parts) or 'TRUE'}"
    operation = dice.choice(["events", "rows", "customers", "orders", "sum", "distinct"])
    match operation:
        case "events" | "rows":
            return Side({**entry, "count": operation}, f"SELECT segments, number, customer, self, 1 AS amount {chosen}")
        case "customers":
            sql = (
                f"SELECT DISTINCT segments, number, customer, '' AS self, 1 AS amount {chosen} AND customer IS NOT NULL"
            )
            return Side({**entry, "count": "customers"}, sql)
        case "orders" | "distinct":
            column = '"order"' if operation == "orders" else "channel"
            sql = f"SELECT DISTINCT segments, number, customer, {column} AS self, 1 AS amount {chosen}"
            own = {"count": "orders"} if operation == "orders" else {"distinct": "channel"}
            return Side({**entry, **own}, f"{sql} AND {column} IS NOT NULL")
    amount = "CAST(round(value, 6) AS DECIMAL(18, 6)) AS amount"
    sql = f"SELECT segments, number, customer, self, {amount} {chosen} AND value IS NOT NULL"
    return Side({**entry, "sum": "value"}, sql)
