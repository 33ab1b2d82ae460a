"""541,909 invoice lines of a shop under a configuration that is nothing but a mapping, judged by DuckDB."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.real import CONFIGURATIONS, by_period, judged, near, program, reported, rows_of, value

pytestmark = pytest.mark.real_data

LINES = """
WITH lines AS (
  SELECT *, strptime(InvoiceDate, '%Y-%m-%d %H:%M:%S') AS moment, InvoiceNo LIKE 'C%' AS cancelled,
    CAST(Quantity * UnitPrice AS DECIMAL(18, 6)) AS worth
  FROM retail
)
"""


@cache
def report(folder: Path) -> dict[str, Any]:
    return reported("online_retail.yaml", "--events", folder / "online_retail.parquet")


def months(folder: Path, expression: str, where: str = "TRUE") -> dict[str, Any]:
    sql = f"{LINES} SELECT strftime(moment, '%Y-%m-01'), {expression} FROM lines WHERE {where} GROUP BY 1"
    return dict(judged(sql, retail=folder / "online_retail.parquet"))


def test_the_known_counts_come_out(real_data: Path) -> None:
    found = report(real_data)
    names = ("lines", "invoices", "customers", "lines_of_nobody", "quantity")
    assert [value(found, name) for name in names] == [541_909, 25_900, 4_372, 135_080, 5_176_450]


def test_the_waterfall_accounts_for_every_line(real_data: Path) -> None:
    waterfall = report(real_data)["waterfall"]
    assert (waterfall["read"], waterfall["used"], waterfall["without_customer"]) == (541_909, 541_909, 135_080)
    assert (waterfall["unparseable"], waterfall["duplicate"], waterfall["outside"], waterfall["excluded"]) == (
        0,
        0,
        0,
        {},
    )


@pytest.mark.parametrize(("metric", "where"), [("gross", "NOT cancelled"), ("cancelled", "cancelled"), ("net", "TRUE")])
def test_money_by_month(real_data: Path, metric: str, where: str) -> None:
    expected = {month: float(worth) for month, worth in months(real_data, "sum(worth)", where).items()}
    assert by_period(report(real_data), metric) == near(expected)
    assert {row["unit"] for row in rows_of(report(real_data), metric)} == {"GBP"}


def test_gross_and_cancelled_add_up_to_net(real_data: Path) -> None:
    gross, cancelled, net = (by_period(report(real_data), name) for name in ("gross", "cancelled", "net"))
    assert {month: gross[month] + cancelled[month] for month in gross} == near(net)


def test_distinct_buyers_products_and_median_by_month(real_data: Path) -> None:
    found = report(real_data)
    assert by_period(found, "buyers") == months(real_data, "count(DISTINCT CustomerID)", "NOT cancelled")
    assert by_period(found, "products") == months(real_data, "count(DISTINCT StockCode)")
    median = months(real_data, "median(CAST(worth AS DOUBLE))", "NOT cancelled")
    assert by_period(found, "median_line") == near(median)


def test_baskets_and_cancellations_are_ratios_with_their_sides(real_data: Path) -> None:
    found = report(real_data)
    basket = months(real_data, "CAST(sum(worth) AS DOUBLE) / count(DISTINCT InvoiceNo)", "NOT cancelled")
    assert by_period(found, "basket") == near(basket)
    assert by_period(found, "basket", "denominator") == months(real_data, "count(DISTINCT InvoiceNo)", "NOT cancelled")
    cancelled = months(real_data, "count(DISTINCT InvoiceNo)", "cancelled")
    assert by_period(found, "cancellation_rate", "numerator") == cancelled


def test_weeks_are_local_weeks_from_monday(real_data: Path) -> None:
    sql = f"""{LINES} SELECT strftime(date_trunc('week', moment), '%Y-%m-%d'), count(DISTINCT InvoiceNo)
        FROM lines WHERE NOT cancelled GROUP BY 1"""
    expected = dict(judged(sql, retail=real_data / "online_retail.parquet"))
    found = by_period(report(real_data), "invoices_by_week")
    assert {week: count for week, count in found.items() if count} == expected
    assert found["2010-12-27"] == 0  # the shop was closed


def test_countries_add_up_to_everybody(real_data: Path) -> None:
    found = report(real_data)
    sql = f"{LINES} SELECT 'country=' || Country, CAST(sum(worth) AS DOUBLE) FROM lines WHERE NOT cancelled GROUP BY 1"
    expected = dict(judged(sql, retail=real_data / "online_retail.parquet"))
    rows = [row for row in found["metrics"] if row["metric"] == "gross_by_country" and row["segments"]]
    assert {row["segments"]: row["value"] for row in rows} == near(expected)
    assert sum(row["value"] for row in rows) == pytest.approx(value(found, "gross_by_country"))


def test_ids_keep_their_spelling(real_data: Path) -> None:
    found = program(
        *("report", "-c", CONFIGURATIONS / "online_retail.yaml", "--events", real_data / "online_retail.parquet"),
        *("--where", "customer = '17850.0'"),
    )
    (expected,) = judged(
        "SELECT count(*) FROM retail WHERE CustomerID = '17850.0'", retail=real_data / "online_retail.parquet"
    )
    assert (value(found, "lines"), value(found, "customers")) == (*expected, 1)
    assert found["waterfall"]["excluded"] == {"where": 541_909 - expected[0]}


def test_the_last_day_is_incomplete_and_closed_days_are_named(real_data: Path) -> None:
    found = report(real_data)
    assert (found["as_of"], found["through"]) == ("2011-12-09", "2011-12-08")
    complete = by_period(found, "gross", "complete")
    assert not complete["2011-12-01"] and complete["2011-11-01"]
    assert "2010-12-24" in " ".join(found["warnings"])
    assert "2010-12-25" not in " ".join(found["warnings"])  # a Saturday, on which the shop is always closed
