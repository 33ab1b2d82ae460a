"""What judges share: answers that must not depend on buckets or the order of rows, and DuckDB to ask for another."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl
import pytest
from support.measuring import one
from support.random_data import Export

from engagement_cli.engines.plan import Limits
from engagement_cli.results import Finished


def steady(entry: Mapping[str, Any], export: Export, asked: Mapping[str, str], dice: random.Random) -> Finished:
    """The metric on an export, once it is proved equal in 1 and 7 buckets and with the rows shuffled."""
    given = {"settings": {"timezone": export.zone}, "asked": asked}
    found = one(entry, **given, limits=Limits(buckets=1), events=export.events)
    again = one(entry, **given, limits=Limits(buckets=7), events=export.shuffled(dice).events)
    assert found.view.table.equals(again.view.table)
    assert found.view.totals == again.view.totals
    assert found.rows.equals(again.rows)
    return found


def asked_of_duckdb(sql: str, **tables: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows that a query gives on some tables."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            connection.register(name, table.to_arrow())
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def assert_same(actual: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """Rows equal to the judge's in the judge's columns, numbers within rounding."""
    picked = [{key: row[key] for key in wanted} for row, wanted in zip(actual, expected, strict=False)]
    different = [(a, e) for a, e in zip(picked, expected, strict=False) if a != {k: _near(v) for k, v in e.items()}]
    assert not different, f"{len(different)} rows differ; the first is {different[0][0]}, expected {different[0][1]}"
    assert len(actual) == len(expected), f"{len(actual)} rows, expected {len(expected)}"


def _near(value: Any) -> Any:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return pytest.approx(value, rel=1e-7, abs=1e-7) if numeric else value
