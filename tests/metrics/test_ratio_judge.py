"""Aggregates and ratios judged on random exports: SQL lists who contributes what, NumPy works out the interval."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.aggregates import Side, random_range, random_side
from support.judging import asked_of_duckdb
from support.measuring import one
from support.random_data import random_export, thousand_names
from support.random_tables import countries

from engagement_cli.engines.plan import Limits


def judged(table: pl.DataFrame, cap: float | None) -> dict[str, Any]:
    """Σx ÷ Σy of clusters with the delta method's interval, written out over residuals."""
    x, y = table["x"].to_numpy(), table["y"].to_numpy()
    x = x if cap is None else np.minimum(x, cap)
    n, bottom = int((y != 0).sum()), y.sum()
    found = {"numerator": x.sum(), "denominator": bottom, "n": n, "value": None, "ci_low": None, "ci_high": None}
    if bottom:
        ratio = x.sum() / bottom
        found["value"] = ratio
        residuals = x - ratio * y
        if n > 1 and not np.allclose(residuals, 0):
            half = 1.959963984540054 * np.sqrt((residuals**2).sum() * n / (n - 1)) / abs(bottom)
            found |= {"ci_low": ratio - half, "ci_high": ratio + half}
    return found


def contributions(sides: tuple[Side, Side], **given: Any) -> pl.DataFrame:
    """What each customer, and each row or order of nobody, adds above and below, by segment and period."""
    queries = []
    for side, above in zip(sides, (True, False), strict=True):
        x, y = ("amount", "0") if above else ("0", "amount")
        queries.append(f"SELECT segments, number, owner({above}) AS owner, {x} AS x, {y} AS y FROM ({side.sql})")
    sql = " UNION ALL ".join(queries)
    for above in (True, False):  # a row of nobody stands for itself on either side
        sql = sql.replace(f"owner({above})", f"coalesce(customer, '{'above' if above else 'below'} ' || self)")
    whole = f"SELECT segments, number, owner, sum(x)::DOUBLE AS x, sum(y)::DOUBLE AS y FROM ({sql}) GROUP BY ALL"
    return pl.DataFrame(
        asked_of_duckdb(given.pop("prelude") + whole, **given),
        schema={"segments": pl.String, "number": pl.Int64, "owner": pl.String, "x": pl.Float64, "y": pl.Float64},
    )


@pytest.mark.parametrize("seed", range(24))
def test_ratios_are_those_of_the_judge(seed: int) -> None:
    dice = random.Random(seed)
    names = thousand_names(dice) if seed == 0 else ("a", "b", "c", "x")
    rows = 1_500 if seed == 0 else dice.choice([30, 120, 200])
    export = random_export(dice, rows=rows, names=names, customers=1 if seed == 1 else 8)
    people = countries(dice, 8)
    asked = random_range(dice, export)
    sides = (random_side(dice), random_side(dice))
    cap = dice.choice([None, None, 1, 2.5]) if sides[0].entry.get("sum") else dice.choice([None, None, 1, 2])
    by = dice.choice([[], ["channel"], ["country"], ["channel", "country"]])
    entry: dict[str, Any] = {"type": "ratio", "every": asked.every, "by": by, "cap": cap}
    entry |= {"numerator": sides[0].entry, "denominator": sides[1].entry}
    given = {"settings": {"timezone": export.zone}, "asked": asked.range, "customers": people}
    events = export.events.rename({"basket": "order"})
    found = one(entry, **given, limits=Limits(buckets=1), events=events)
    shuffled = export.shuffled(dice).events.rename({"basket": "order"})
    again = one(entry, **given, limits=Limits(buckets=7), events=shuffled)
    assert found.view.table.equals(again.view.table)

    tables = {"events": events, "customers": people, "periods": asked.periods}
    each = contributions(sides, prelude=asked.prelude(by), **tables)
    shown = asked_of_duckdb(asked.prelude(by) + "SELECT number, whole FROM shown ORDER BY number", **tables)
    assert set(each["segments"]) <= set(found.view.table["segments"])
    expected = []
    for segments in sorted({"", *each["segments"]}):
        for period in shown:
            mine = each.filter((pl.col("segments") == segments) & (pl.col("number") == period["number"]))
            expected.append({"segments": segments, "complete": period["whole"], **judged(mine, cap)})
    actual = [{key: row[key] for key in expected[0]} for row in found.view.table.to_dicts()]
    assert actual == [{key: near(value) for key, value in row.items()} for row in expected]


def near(value: Any) -> Any:
    return pytest.approx(value, rel=1e-7, abs=1e-5) if isinstance(value, float) else value
