"""Purchases of a music shop: ids with leading zeros, dates without times; by configuration and without any."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.real import CONFIGURATIONS, by_period, judged, near, program, reported, rows_of, value

pytestmark = pytest.mark.real_data


@cache
def report(folder: Path) -> dict[str, Any]:
    return reported("cdnow_sample.yaml", "--events", folder / "cdnow_sample.csv")


def months(folder: Path, expression: str) -> dict[str, Any]:
    sql = f"SELECT substr(timestamp, 1, 7) || '-01', {expression} FROM cdnow GROUP BY 1"
    return dict(judged(sql, cdnow=folder / "cdnow_sample.csv"))


def test_purchases_by_month(real_data: Path) -> None:
    found = report(real_data)
    assert by_period(found, "buyers") == months(real_data, "count(DISTINCT user_id)")
    assert by_period(found, "orders") == months(real_data, "count(*)")
    assert by_period(found, "revenue") == near(months(real_data, "CAST(sum(CAST(value AS DECIMAL(9, 2))) AS DOUBLE)"))


def test_frequency_and_average_order(real_data: Path) -> None:
    found = report(real_data)
    assert by_period(found, "purchase_frequency") == near(months(real_data, "count(*) / count(DISTINCT user_id)"))
    assert by_period(found, "average_order_value") == near(months(real_data, "avg(CAST(value AS DOUBLE))"))
    assert by_period(found, "discs_per_order") == near(months(real_data, "avg(CAST(cds AS DOUBLE))"))
    ((median,),) = judged("SELECT median(CAST(value AS DOUBLE)) FROM cdnow", cdnow=real_data / "cdnow_sample.csv")
    assert value(found, "median_order") == pytest.approx(median)


def test_the_interval_of_the_average_order_is_by_customer(real_data: Path) -> None:
    # By hand in SQL: residuals Σ(x − R·y)² over customers, the delta method's variance.
    sql = """
      WITH each AS (
        SELECT user_id, sum(CAST(value AS DOUBLE)) AS x, count(*) AS y
        FROM cdnow WHERE timestamp LIKE '1997-03%' GROUP BY 1
      ), whole AS (SELECT sum(x) / sum(y) AS r, sum(y) AS y, count(*) AS n FROM each)
      SELECT any_value(r), 1.959963984540054 * sqrt(sum((x - r * each.y) ** 2) * any_value(n) / (any_value(n) - 1))
        / any_value(whole.y), any_value(n)
      FROM each, whole
    """
    ((ratio, half, n),) = judged(sql, cdnow=real_data / "cdnow_sample.csv")
    (row,) = (row for row in rows_of(report(real_data), "average_order_value") if row["period_start"] == "1997-03-01")
    assert (row["value"], row["ci_low"], row["ci_high"]) == pytest.approx((ratio, ratio - half, ratio + half))
    assert row["n"] == n


def test_the_data_is_complete_through_its_last_date(real_data: Path) -> None:
    found = report(real_data)
    assert (found["as_of"], found["through"]) == ("1998-07-01", "1998-06-30")
    assert all(by_period(found, "orders", "complete").values())


def test_zeros_at_the_head_of_an_id_count(real_data: Path) -> None:
    found = program(
        *("report", "-c", CONFIGURATIONS / "cdnow_sample.yaml", "--events", real_data / "cdnow_sample.csv"),
        *("--where", "customer = '0001'", "--every", "quarter"),
    )
    ((orders,),) = judged("SELECT count(*) FROM cdnow WHERE user_id = '0001'", cdnow=real_data / "cdnow_sample.csv")
    assert sum(by_period(found, "orders").values()) == orders > 1
    assert found["waterfall"]["excluded"] == {"where": 6_919 - orders}


def test_without_any_configuration(real_data: Path) -> None:
    found = program("report", "--events", real_data / "cdnow_sample.csv")
    assert found["waterfall"]["read"] == found["waterfall"]["used"] == 6_919
    assert by_period(found, "buyers") == months(real_data, "count(DISTINCT user_id)")
    assert by_period(found, "orders") == months(real_data, "count(*)")
    assert by_period(found, "monthly_active_customers") == months(real_data, "count(DISTINCT user_id)")
    gross = months(real_data, "CAST(sum(CAST(value AS DECIMAL(9, 2))) AS DOUBLE)")
    assert by_period(found, "revenue_gross") == near(gross)
    assert by_period(found, "average_order_value") == near(months(real_data, "avg(CAST(value AS DOUBLE))"))
    assert by_period(found, "purchase_frequency") == near(months(real_data, "count(*) / count(DISTINCT user_id)"))
